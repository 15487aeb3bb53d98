/**
 * Entries in the order of their last use, at most `maxEntries`: each new one first removes up to two that are over, so that
 * the map shrinks as fast as it grows, and then the one that was idle longest.
 */
export class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #maxEntries: number;
  readonly #isOver: (value: V) => boolean;

  constructor(options: { readonly maxEntries: number; readonly isOver: (value: V) => boolean }) {
    this.#maxEntries = options.maxEntries;
    this.#isOver = options.isOver;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** The entry, used now. */
  use(key: string, create: () => V): V {
    const known = this.#entries.get(key);
    if (known === undefined) this.#makeRoom();
    else this.#entries.delete(key);
    const value = known ?? create();
    this.#entries.set(key, value);
    return value;
  }

  #makeRoom(): void {
    let looked = 0;
    for (const [key, value] of this.#entries) {
      const full = this.#entries.size >= this.#maxEntries;
      if (!full && (looked >= 2 || !this.#isOver(value))) return;
      this.#entries.delete(key);
      looked += 1;
    }
  }
}
