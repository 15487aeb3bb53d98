/** One run of a command in a terminal: its output goes to the evidence and to the user, typed bytes go to it. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AsciicastEncoder, type AsciicastHeader, openTerminal, type TerminalSize } from '@lucid/capture';
import type { CaptureAgent } from '@lucid/capture-agent';
import { createEcho } from './echo.ts';

type Process = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'env'>;

export interface RecordedTerminalOptions {
  readonly words: readonly [string, ...string[]];
  /** Record what is typed, too. */
  readonly input: boolean;
  /** Whether what is typed reaches the command at all. */
  readonly keyboard: boolean;
  readonly header: Pick<AsciicastHeader, 'command' | 'title'>;
  /** Variables for the command besides those of this process. */
  readonly env: Readonly<Record<string, string>>;
}

export interface RecordedTerminalDependencies {
  readonly process: Process;
  readonly agent: Pick<CaptureAgent, 'push'>;
  /** Hangs the terminal up when it aborts. */
  readonly abort: AbortSignal;
}

const END_OF_INPUT = 0x04;
const NEWLINE = 0x0a;

const nowUs = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);

const terminalSize = (stdout: NodeJS.WriteStream): TerminalSize => ({
  cols: stdout.columns || 80,
  rows: stdout.rows || 24,
});

/** Whether the command is a program that may be run: by its path, or found along PATH. */
export function isCommand(command: string, path = ''): boolean {
  const places = command.includes('/')
    ? [command]
    : path.split(delimiter).map((folder) => join(folder || '.', command));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}

/** Several may want the command to wait; it goes on when none does. */
export class Brake {
  readonly #reasons = new Set<string>();
  #flow: { pause(): void; resume(): void } | null = null;

  /** What is braked; it may come later than the first reason. */
  attach(flow: { pause(): void; resume(): void }): void {
    this.#flow = flow;
    if (this.#reasons.size > 0) flow.pause();
  }

  set(reason: string, on: boolean): void {
    const before = this.#reasons.size;
    if (on) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (before === 0 && on) this.#flow?.pause();
    if (before > 0 && this.#reasons.size === 0) this.#flow?.resume();
  }
}

/** Passes input on; returns what ends that. A pipe's end is typed as the terminal's end of input, as script(1) does. */
function forwardInput(stdin: NodeJS.ReadStream, write: (bytes: Uint8Array) => void): () => void {
  let last = NEWLINE;
  const onData = (bytes: Buffer) => {
    last = bytes.at(-1) ?? last;
    write(bytes);
  };
  const onEnd = () =>
    write(Uint8Array.of(...(last === NEWLINE ? [END_OF_INPUT] : [END_OF_INPUT, END_OF_INPUT])));
  const onError = () => {};
  if (stdin.isTTY) stdin.setRawMode(true);
  else stdin.once('end', onEnd);
  stdin.on('data', onData).on('error', onError).resume();
  return () => {
    stdin.off('data', onData).off('end', onEnd);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  };
}

/** Writes the recording: every event at the moment it is told. */
function createCast(agent: Pick<CaptureAgent, 'push'>, startUs: number) {
  const encoder = new AsciicastEncoder(startUs);
  return (encode: (encoder: AsciicastEncoder, atUs: number) => Uint8Array): void => {
    const atUs = nowUs();
    agent.push(encode(encoder, atUs), atUs);
  };
}

/** What happens beside the command's output; returns what ends the listening. */
function listen(
  { process: host, abort }: RecordedTerminalDependencies,
  on: { input: ((bytes: Uint8Array) => void) | null; resize(): void; abort(): void },
): () => void {
  const endInput = on.input ? forwardInput(host.stdin, on.input) : () => {};
  host.stdout.on('resize', on.resize);
  abort.addEventListener('abort', on.abort, { once: true });
  if (abort.aborted) on.abort();
  return () => {
    endInput();
    host.stdout.off('resize', on.resize);
    abort.removeEventListener('abort', on.abort);
  };
}

/**
 * Runs the command until it ends; SIGUSR2 puts a marker. Resolves with its exit status (128 and the signal's number where one
 * ended it), rejects where no terminal can be had.
 */
export async function runRecordedTerminal(
  { words, input, keyboard, header, env }: RecordedTerminalOptions,
  dependencies: RecordedTerminalDependencies,
  brake: Brake,
): Promise<number> {
  const { stdout, env: inherited } = dependencies.process;
  const [command, ...args] = words;
  const startUs = nowUs();
  const size = terminalSize(stdout);
  const cast = createCast(dependencies.agent, startUs);
  const timestamp = Math.floor(startUs / 1e6);
  cast((encoder) => encoder.header({ ...header, size, termType: inherited.TERM, timestamp }));
  // Before the command runs: its first act may be to ask for a marker.
  const mark = () => cast((encoder, atUs) => encoder.marker(atUs, ''));
  process.on('SIGUSR2', mark);
  const echo = createEcho(stdout, {
    pause: () => brake.set('echo', true),
    resume: () => brake.set('echo', false),
  });
  let tell: (status: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const terminal = openTerminal({
    command,
    args,
    size,
    cwd: process.cwd(),
    env: { ...inherited, ...env },
    onOutput(bytes) {
      cast((encoder, atUs) => encoder.output(atUs, bytes));
      echo.write(bytes);
    },
    onExit: ({ status, signal }) => tell(signal ? 128 + signal : status),
  });
  brake.attach(terminal);
  const stopListening = listen(dependencies, {
    input: keyboard
      ? (bytes) => {
          if (input) cast((encoder, atUs) => encoder.input(atUs, bytes));
          terminal.write(bytes);
        }
      : null,
    resize() {
      terminal.resize(terminalSize(stdout));
      cast((encoder, atUs) => encoder.resize(atUs, terminalSize(stdout)));
    },
    abort: () => terminal.kill('SIGHUP'),
  });
  const status = await ended;
  // A marker asked for with the command's last act may wait in the same turn of the event loop as its end (seen on a busy machine).
  await new Promise((resolve) => setImmediate(resolve));
  stopListening();
  echo.endLine();
  process.off('SIGUSR2', mark);
  cast((encoder, atUs) => encoder.exit(atUs, status));
  return status;
}
