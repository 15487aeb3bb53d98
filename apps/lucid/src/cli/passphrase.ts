/** Passphrases: from the file that LUCID_PASSPHRASE_FILE names, else typed on the terminal without echo. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CliError } from './cli-error.ts';
import { plainReason } from './plain-reason.ts';

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
      `the passphrase file ${path} (LUCID_PASSPHRASE_FILE) cannot be read: ${plainReason(error)}.`,
      { cause: error },
    );
  }
  if (text === '')
    throw new CliError('key_missing', `the passphrase file ${path} (LUCID_PASSPHRASE_FILE) is empty.`);
  return text;
}

/** The terminal must be in raw mode. */
function typeLine(process: Process, stream: ReadStream, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const line = new TypedLine();
    process.stderr.write(prompt);
    const onData = (bytes: Buffer | string) => {
      line.push(bytes.toString());
      if (line.state === 'typing') return;
      stream.off('data', onData);
      stream.pause();
      process.stderr.write('\r\n');
      if (line.state === 'done') resolve(line.text);
      else reject(new CliError('key_missing', 'no passphrase was given.'));
    };
    stream.on('data', onData);
    stream.resume();
  });
}

/** Gives `use` a way to ask; the terminal echoes nothing until `use` is done, so that what is typed ahead stays unseen. */
async function onTerminal<T>(
  process: Process,
  what: string,
  use: (ask: (prompt: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const terminal = openTerminalInput(process);
  if (!terminal)
    throw new CliError(
      'key_missing',
      `${what} needs a passphrase and there is no terminal to ask on. Name a file that holds it in LUCID_PASSPHRASE_FILE.`,
    );
  terminal.stream.setRawMode(true);
  try {
    return await use((prompt) => typeLine(process, terminal.stream, prompt));
  } finally {
    terminal.stream.setRawMode(false);
    terminal.close();
  }
}

const TRIES = 3;

/**
 * Tries passphrases until `open` gives something: one out of a file, three out of a terminal. Null where none was right.
 * @throws CliError key_missing where there is neither a file nor a terminal, or the user cancels
 */
export async function openWithPassphrase<T>(
  process: Process,
  what: string,
  open: (passphrase: string) => Promise<T | null>,
): Promise<T | null> {
  const file = process.env.LUCID_PASSPHRASE_FILE;
  if (file) return open(fromFile(file));
  return onTerminal(process, what, async (ask) => {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const opened = await open(await ask(`Passphrase for ${what}: `));
      if (opened !== null) return opened;
      if (attempt < TRIES) process.stderr.write('That is not the passphrase.\r\n');
    }
    return null;
  });
}

/** A new passphrase, typed twice. @throws CliError usage where the two differ or it is empty; key_missing */
export async function askNewPassphrase(process: Process, what: string): Promise<string> {
  const file = process.env.LUCID_PASSPHRASE_FILE;
  if (file) return fromFile(file);
  return onTerminal(process, what, async (ask) => {
    const first = await ask(`New passphrase for ${what}: `);
    if (first === '') throw new CliError('usage', 'the passphrase is empty; nothing was changed.');
    if (first !== (await ask('Once more: ')))
      throw new CliError('usage', 'the two passphrases differ; nothing was changed.');
    return first;
  });
}
