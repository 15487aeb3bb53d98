import type { SubscribeOptions } from '../events.ts';

/** A subscriber that remembers; gaps are the text `gap`. */
export class Recorder implements SubscribeOptions {
  readonly seen: unknown[] = [];
  readonly errors: unknown[] = [];
  readonly maxQueued?: number;
  #wanted: { count: number; reached: () => void } | null = null;

  constructor(options: { readonly maxQueued?: number } = {}) {
    this.maxQueued = options.maxQueued;
  }

  readonly onEvent = (payload: unknown): void => this.#see(payload);
  readonly onGap = (): void => this.#see('gap');
  readonly onError = (error: unknown): void => {
    this.errors.push(error);
  };

  /** Resolves when so many have been seen. */
  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = { count, reached: resolve };
      if (this.seen.length >= count) resolve();
    });
  }

  #see(what: unknown): void {
    this.seen.push(what);
    if (this.#wanted && this.seen.length >= this.#wanted.count) this.#wanted.reached();
  }
}
