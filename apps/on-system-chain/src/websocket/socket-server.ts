/** WebSockets that speak JSON-RPC: who takes them, keeps them alive while somebody is there, and ends them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '@lucid/service-kit';
import { WebSocketServer } from 'ws';
import { maxBodyBytes } from '../request-body.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { SocketSession } from './socket-session.ts';

/** A connection that answers no ping for as long is gone. */
const pingEveryMs = 30_000;
/** For the farewell at a stop. */
const closeWithinMs = 1_000;

export interface SocketServerOptions {
  readonly rpc: Dispatcher;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
}

export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxBodyBytes,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #sessions = new Set<SocketSession>();
  #ping: NodeJS.Timeout | undefined;
  #closing = false;
  #emptied: (() => void) | undefined;

  constructor(options: SocketServerOptions) {
    this.#options = options;
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new SocketSession({ ...this.#options, webSocket, onEnd: () => this.#remove(session) });
      this.#sessions.add(session);
      this.#ping ??= setInterval(() => {
        for (const each of this.#sessions) each.ping();
      }, pingEveryMs);
    });
  }

  #remove(session: SocketSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    clearInterval(this.#ping);
    this.#ping = undefined;
    this.#emptied?.();
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#sessions.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const each of this.#sessions) each.sayGoodbye();
    const late = setTimeout(() => {
      for (const each of this.#sessions) each.cut();
    }, closeWithinMs);
    await emptied;
    clearTimeout(late);
  }
}
