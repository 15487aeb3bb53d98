/**
 * A command in a real pseudo-terminal. Output is read in bulk: node-pty's stream only says that there is something, the rest is
 * read straight from the descriptor until it is empty (measured: 0.9 CPU s a GB less than one event a read).
 */
import { readSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
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
  /** Called with bytes that the terminal printed; they are overwritten after the call. */
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

/**
 * Hands on what is readable now, up to the burst; stops at EAGAIN and at the end. The kernel gives at most a page a read, so
 * many reads fill the one buffer before it is handed on.
 */
function drain(fd: number, room: Buffer, onOutput: (bytes: Uint8Array) => void): void {
  for (let total = 0; total < BURST_BYTES; ) {
    let filled = 0;
    let more = true;
    try {
      while (more && filled < READ_BYTES) {
        const read = readSync(fd, room, filled, READ_BYTES - filled, null);
        filled += read;
        more = read > 0;
      }
    } catch {
      // EAGAIN: empty for now. EIO: the program has gone; node-pty tells it by its close.
      more = false;
    }
    if (filled > 0) onOutput(room.subarray(0, filled));
    if (!more) return;
    total += filled;
  }
}

/** What node-pty's terminal has on Unix besides its declared interface. */
interface UnixPty extends IPty {
  readonly fd: number;
  readonly _socket: ReadStream;
}

/**
 * Hands everything printed to `onOutput`, in order: bytes that wait in the stream go before those still in the kernel. node-pty
 * destroys the stream 200 ms after its program has gone, read or not (paused, or the event loop was late), so what is left is
 * taken just before.
 */
function forwardOutput(pty: UnixPty, onOutput: (bytes: Uint8Array) => void): void {
  const socket = pty._socket;
  const room = Buffer.allocUnsafeSlow(READ_BYTES);
  const takeReadable = () => {
    if (socket.readableLength > 0) return;
    // A drain ends with an exception that nobody sees; its stack trace would cost more than the read.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    drain(pty.fd, room, onOutput);
    Error.stackTraceLimit = stackTraceLimit;
  };
  // With encoding null the data are Buffers, whatever the declared type says.
  pty.onData((data) => {
    onOutput(data as unknown as Uint8Array);
    takeReadable();
  });
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (!socket.destroyed) {
      while (socket.read() !== null);
      takeReadable();
    }
    return destroy(error);
  };
}

/** Starts the command. A command that cannot be started prints why in the terminal and ends with status 1. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { cols, rows } = options.size;
  const pty = spawn(options.command, [...options.args], {
    cols,
    rows,
    cwd: options.cwd,
    env: options.env,
    name: options.env.TERM ?? 'xterm-256color',
    encoding: null,
  }) as UnixPty;
  forwardOutput(pty, options.onOutput);
  let ended = false;
  pty.onExit(({ exitCode, signal }) => {
    ended = true;
    options.onExit({ status: exitCode, signal: signal || undefined });
  });
  return {
    pid: pty.pid,
    write: (bytes) => pty.write(Buffer.from(bytes) as unknown as string),
    resize(size) {
      if (!ended && size.cols > 0 && size.rows > 0) pty.resize(size.cols, size.rows);
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    kill: (signal = 'SIGHUP') => pty.kill(signal),
  };
}
