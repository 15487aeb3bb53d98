import { DEFAULT_MAX_QUEUED } from './event-form.ts';
import type { SubscribeOptions } from './events.ts';

/** The bounded queue of one subscription: events wait as JSON, handlers run one at a time. */
export class Delivery {
  readonly #options: SubscribeOptions;
  readonly #maxQueued: number;
  #queue: string[] = [];
  #gap = false;
  #closed = false;
  #running = false;

  constructor(options: SubscribeOptions) {
    this.#options = options;
    this.#maxQueued = Math.max(1, options.maxQueued ?? DEFAULT_MAX_QUEUED);
  }

  push(json: string): void {
    if (this.#closed) return;
    this.#queue.push(json);
    if (this.#queue.length > this.#maxQueued) {
      this.#queue.shift();
      this.#gap = true;
    }
    this.#start();
  }

  /** Events before this may have been missed. */
  gap(): void {
    if (this.#closed) return;
    this.#gap = true;
    this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#gap = false;
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (!this.#closed && (this.#gap || this.#queue.length > 0)) {
      try {
        await this.#next();
      } catch (error) {
        this.#options.onError(error);
      }
    }
    this.#running = false;
  }

  async #next(): Promise<void> {
    if (this.#gap) {
      this.#gap = false;
      await this.#options.onGap();
    } else await this.#options.onEvent(JSON.parse(this.#queue.shift() ?? 'null'));
  }
}
