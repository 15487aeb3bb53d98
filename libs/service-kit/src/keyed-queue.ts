/** Runs work for one key strictly one after the other; work for different keys does not wait. Keys without work cost nothing. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#tails.set(key, own);
    const forget = () => {
      if (this.#tails.get(key) === own) this.#tails.delete(key);
    };
    own.then(forget, forget);
    return own;
  }

  /** Resolves when nothing runs or waits. */
  async drained(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values());
  }
}
