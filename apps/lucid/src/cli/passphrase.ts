/** Passphrases: from the file that LUCID_PASSPHRASE_FILE names, else typed on the terminal without echo. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CliError } from './cli-error.ts';

type Process = Pick<NodeJS.Process, 'stdin' | 'stderr' | 'env'>;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACE = ['\u007f', '\b'];

/** What typed characters make of a line; `done` at Enter, `cancelled` at Ctrl-C or Ctrl-D. */
export class TypedLine {
  text = '';
  state: 'typing' | 'done' | 'cancelled' = 'typing';

  push(typed: string): void {
    for (const character of typed) {
      if (this.state !== 'typing') return;
      if (character === '\r' || character === '\n') this.state = 'done';
      else if (character === CTRL_C || character === CTRL_D) this.state = 'cancelled';
      else if (BACKSPACE.includes(character)) this.text = [...this.text].slice(0, -1).join('');
      else if (character === '\u0015') this.text = '';
      else if (character >= ' ') this.text += character;
    }
  }
}

/** The terminal to ask on: standard input, or the controlling terminal where input is a pipe. Null where there is none. */
function openTerminalInput(process: Process): { stream: ReadStream; close(): void } | null {
  if (process.stdin.isTTY) return { stream: process.stdin as ReadStream, close: () => process.stdin.pause() };
  try {
    const fd = openSync('/dev/tty', 'r');
    try {
      const stream = new ReadStream(fd);
      return { stream, close: () => stream.destroy() };
    } catch {
      closeSync(fd);
      return null;
    }
  } catch {
    return null;
  }
}

function fromFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new CliError(
      'key_missing',
      `the passphrase file ${path} (LUCID_PASSPHRASE_FILE) cannot be read: ${(error as Error).message}.`,
      { cause: error },
    );
  }
  if (text === '')
    throw new CliError('key_missing', `the passphrase file ${path} (LUCID_PASSPHRASE_FILE) is empty.`);
  return text;
}

function typeLine(process: Process, stream: ReadStream, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const line = new TypedLine();
    process.stderr.write(prompt);
    stream.setRawMode(true);
    const onData = (bytes: Buffer | string) => {
      line.push(bytes.toString());
      if (line.state === 'typing') return;
      stream.off('data', onData);
      stream.setRawMode(false);
      process.stderr.write('\n');
      if (line.state === 'done') resolve(line.text);
      else reject(new CliError('key_missing', 'no passphrase was given.'));
    };
    stream.on('data', onData);
    stream.resume();
  });
}

/** True where a wrong passphrase may be typed again. */
export const canAskAgain = ({ env }: Process): boolean => !env.LUCID_PASSPHRASE_FILE;

/** @throws CliError key_missing where there is neither a file nor a terminal, or the user cancels */
export async function askPassphrase(process: Process, what: string): Promise<string> {
  const file = process.env.LUCID_PASSPHRASE_FILE;
  if (file) return fromFile(file);
  const terminal = openTerminalInput(process);
  if (!terminal)
    throw new CliError(
      'key_missing',
      `${what} needs a passphrase and there is no terminal to ask on. Name a file that holds it in LUCID_PASSPHRASE_FILE.`,
    );
  try {
    return await typeLine(process, terminal.stream, `Passphrase for ${what}: `);
  } finally {
    terminal.close();
  }
}

/** A new passphrase, typed twice. @throws CliError usage where the two differ or it is empty */
export async function askNewPassphrase(process: Process, what: string): Promise<string> {
  const first = await askPassphrase(process, what);
  if (first === '') throw new CliError('usage', 'the passphrase is empty; nothing was changed.');
  if (!canAskAgain(process)) return first;
  const second = await askPassphrase(process, `${what} (again)`);
  if (first !== second) throw new CliError('usage', 'the two passphrases differ; nothing was changed.');
  return first;
}
