/** One connection to a control port: commands go out one by one, replies come in their order, events between them. */
import { connect, type Socket } from 'node:net';
import { isTorControlError, TorControlError } from './control-error.ts';
import { type Reply, ReplyParser } from './reply-parser.ts';
import { assertOneLine } from './reply-values.ts';

const EVENT = 650;

export interface ControlPlace {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions extends ControlPlace {
  /** Of the connection, and of each command; default 30,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ControlConnection {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #parser = new ReplyParser();
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<(event: Reply) => void>();
  #end: Error | undefined;
  /** Resolves to why it ended. */
  readonly closed: Promise<Error>;

  /** @throws TorControlError unreachable or timed_out, or the signal's reason */
  static async open(options: ConnectionOptions): Promise<ControlConnection> {
    const { host, port, timeoutMs = 30_000, signal } = options;
    signal?.throwIfAborted();
    const socket = connect({ host, port });
    const abort = () => socket.destroy(signal?.reason);
    const timer = setTimeout(() => socket.destroy(new TorControlError('timed_out')), timeoutMs);
    signal?.addEventListener('abort', abort);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      return new ControlConnection(socket, timeoutMs);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw isTorControlError(cause) ? cause : new TorControlError('unreachable', { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        const why = this.#end ?? closedBy(socket.errored);
        this.#end = why;
        for (const { reject, timer } of this.#waiting.splice(0)) {
          clearTimeout(timer);
          reject(why);
        }
        resolve(why);
      });
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined && !this.#socket.destroyed;
  }

  /** The reply to a command, whatever its status. @throws TorControlError closed, timed_out or protocol */
  send(command: string): Promise<Reply> {
    assertOneLine(command);
    if (!this.isOpen) return Promise.reject(this.#end ?? new TorControlError('closed'));
    return new Promise((resolve, reject) => {
      // A late reply would be taken for that of the next command.
      const timer = setTimeout(() => this.#fail(new TorControlError('timed_out')), this.#timeoutMs);
      this.#waiting.push({ resolve, reject, timer });
      this.#socket.write(`${command}\r\n`, 'latin1');
    });
  }

  /** The reply to a command, where it is good. @throws TorControlError, refused where it is not */
  async command(command: string): Promise<Reply> {
    const reply = await this.send(command);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw refusal(reply);
  }

  /** `listener` hears of events until the returned function is called. */
  onEvent(listener: (event: Reply) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#fail(new TorControlError('closed'));
    await this.closed;
  }

  #fail(error: Error): void {
    this.#end ??= error;
    this.#socket.destroy();
  }

  #take(bytes: Uint8Array): void {
    try {
      for (const reply of this.#parser.push(bytes)) this.#deliver(reply);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #deliver(reply: Reply): void {
    if (reply.status === EVENT) {
      for (const listener of this.#listeners) listener(reply);
      return;
    }
    const waiting = this.#waiting.shift();
    if (!waiting) throw new TorControlError('protocol');
    clearTimeout(waiting.timer);
    waiting.resolve(reply);
  }
}

const closedBy = (cause: Error | null): TorControlError =>
  new TorControlError('closed', cause ? { cause } : {});

export const refusal = ({ status, lines }: Reply): TorControlError =>
  new TorControlError('refused', { status, said: lines.at(-1)?.text ?? '' });
