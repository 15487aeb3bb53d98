/** Tells listeners, in the order in which they came. A listener must not throw. */
export class Feed<T> {
  readonly #listeners = new Set<(news: T) => void>();

  /** Gives what ends it. */
  listen(listener: (news: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(news: T): void {
    for (const listener of this.#listeners) listener(news);
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }
}
