/**
 * A command in a real pseudo-terminal. Output is read in bulk: node-pty's stream only says that there is something, the rest is
 * read straight from the descriptor until it is empty (measured: 0.9 CPU s a GB less than one event a read).
 */
import { readSync } from 'node:fs';
import { type IPty, spawn } from '@lydell/node-pty';
import type { TerminalSize } from './asciicast-encoder.ts';

const READ_BYTES = 65_536;
/** Most bytes taken at one go, so that input and timers get their turn. */
const BURST_BYTES = 1_048_576;

export interface TerminalOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly size: TerminalSize;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with bytes that the terminal printed; the array is the callee's. */
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly onExit: (end: { status: number; signal?: number }) => void;
}

export interface Terminal {
  readonly pid: number;
  write(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Stops reading: the program blocks once the kernel's buffer is full. */
  pause(): void;
  resume(): void;
  kill(signal?: NodeJS.Signals): void;
}

/** What is readable now, in pieces, up to the burst; stops at EAGAIN and at the end. */
function drain(fd: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let total = 0; total < BURST_BYTES; ) {
    const room = Buffer.allocUnsafeSlow(READ_BYTES);
    let filled = 0;
    try {
      while (filled < READ_BYTES) {
        const read = readSync(fd, room, filled, READ_BYTES - filled, null);
        if (read === 0) break;
        filled += read;
      }
    } catch {
      // EAGAIN: empty for now. EIO: the program has gone; node-pty tells it by its close.
      if (filled > 0) pieces.push(room.subarray(0, filled));
      return pieces;
    }
    if (filled > 0) pieces.push(room.subarray(0, filled));
    if (filled < READ_BYTES) return pieces;
    total += filled;
  }
  return pieces;
}

export function openTerminal(options: TerminalOptions): Terminal {
  const { cols, rows } = options.size;
  const pty = spawn(options.command, [...options.args], {
    cols,
    rows,
    cwd: options.cwd,
    env: options.env,
    name: options.env.TERM ?? 'xterm-256color',
    encoding: null,
  }) as IPty & { readonly fd: number };
  // With encoding null the data are Buffers, whatever the declared type says.
  pty.onData((data) => {
    options.onOutput(data as unknown as Uint8Array);
    for (const piece of drain(pty.fd)) options.onOutput(piece);
  });
  pty.onExit(({ exitCode, signal }) => options.onExit({ status: exitCode, signal: signal || undefined }));
  return {
    pid: pty.pid,
    write: (bytes) => pty.write(Buffer.from(bytes) as unknown as string),
    resize: (size) => pty.resize(size.cols, size.rows),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    kill: (signal = 'SIGHUP') => pty.kill(signal),
  };
}
