/** Gathers what is handed over in one turn of the event loop, so that the sessions of a round share their registration. */
export class Gatherer<T, R> {
  readonly #work: (items: readonly T[]) => Promise<readonly R[]>;
  #waiting: { item: T; resolve: (result: R) => void; reject: (error: unknown) => void }[] = [];

  /** `work` gives a result for each item, in their order. */
  constructor(work: (items: readonly T[]) => Promise<readonly R[]>) {
    this.#work = work;
  }

  add(item: T): Promise<R> {
    if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
    return new Promise((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const results = await this.#work(waiting.map(({ item }) => item));
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at] as R);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
