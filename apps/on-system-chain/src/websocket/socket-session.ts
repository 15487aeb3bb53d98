/**
 * One WebSocket. Requests run side by side up to a bound, beyond which nothing more is read of it; what is to be sent waits in
 * memory up to a bound, beyond which the connection is cut: one that never reads costs no more than that.
 */
import type { Log } from '@lucid/service-kit';
import type { RawData, WebSocket } from 'ws';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { createId } from '../rpc/filters.ts';
import type { RpcCaller, SubscriptionHolder } from '../rpc/method.ts';
import { codes, RpcError } from '../rpc/rpc-error.ts';

const mostRunning = 32;
const mostSubscriptions = 128;
const maxWaitingBytes = 8 * 1024 * 1024;

export interface SocketSessionOptions {
  readonly rpc: Dispatcher;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly webSocket: WebSocket;
  readonly onEnd: () => void;
}

/** News that go to many connections are written as JSON once. */
const texts = new WeakMap<object, string>();

function textOf(news: unknown): string {
  if (typeof news !== 'object' || news === null) return JSON.stringify(news);
  const text = texts.get(news) ?? JSON.stringify(news);
  texts.set(news, text);
  return text;
}

export class SocketSession implements SubscriptionHolder {
  readonly #options: SocketSessionOptions;
  readonly #subscriptions = new Map<string, () => void>();
  readonly #caller: RpcCaller = { subscriptions: this };
  #running = 0;
  #isAlive = true;

  constructor(options: SocketSessionOptions) {
    this.#options = options;
    const { webSocket } = options;
    webSocket.on('message', (message) => this.#take(message));
    webSocket.on('pong', () => {
      this.#isAlive = true;
    });
    webSocket.on('error', () => webSocket.terminate());
    webSocket.once('close', () => this.#end());
  }

  #take(message: RawData): void {
    const answer = this.#options.rpc.answerText(message.toString(), this.#caller);
    if (!(answer instanceof Promise)) {
      this.#send(answer);
      return;
    }
    this.#running += 1;
    if (this.#running === mostRunning) this.#options.webSocket.pause();
    void answer.then((text) => {
      if (this.#running === mostRunning) this.#options.webSocket.resume();
      this.#running -= 1;
      this.#send(text);
    });
  }

  #send(text: string | null): void {
    const { webSocket, log } = this.#options;
    if (text === null || webSocket.readyState !== webSocket.OPEN) return;
    if (webSocket.bufferedAmount + text.length > maxWaitingBytes) {
      log.info({ waitingBytes: webSocket.bufferedAmount }, 'a WebSocket that does not read was cut');
      webSocket.terminate();
      return;
    }
    webSocket.send(text);
  }

  add(start: (notify: (result: unknown) => void) => () => void): string {
    if (this.#subscriptions.size >= mostSubscriptions)
      throw new RpcError(codes.limit, `at most ${mostSubscriptions} subscriptions of one connection`);
    const id = createId(this.#options);
    const prefix = `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":`;
    // The first news goes out behind the answer that names the subscription.
    let isNamed = false;
    const early: string[] = [];
    const end = start((result) => {
      const text = `${prefix}${textOf(result)}}}`;
      if (isNamed) this.#send(text);
      else early.push(text);
    });
    this.#subscriptions.set(id, end);
    setImmediate(() => {
      isNamed = true;
      for (const text of early) this.#send(text);
    });
    return id;
  }

  remove(id: string): boolean {
    this.#subscriptions.get(id)?.();
    return this.#subscriptions.delete(id);
  }

  #end(): void {
    for (const id of [...this.#subscriptions.keys()]) this.remove(id);
    this.#options.onEnd();
  }

  /** Cuts the connection where the last ping was not answered. */
  ping(): void {
    const { webSocket } = this.#options;
    if (!this.#isAlive) webSocket.terminate();
    this.#isAlive = false;
    if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
  }

  sayGoodbye(): void {
    this.#options.webSocket.close(1001, 'the node stops');
  }

  cut(): void {
    this.#options.webSocket.terminate();
  }
}
