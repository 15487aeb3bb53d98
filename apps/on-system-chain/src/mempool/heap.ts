/** A binary heap: `pop` gives what `isBefore` puts before all others. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    items.push(item);
    for (let at = items.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(items[at] as T, items[parent] as T)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      const next = this.#firstChild(at);
      if (next < 0 || !this.#isBefore(items[next] as T, items[at] as T)) return first;
      this.#swap(at, next);
      at = next;
    }
  }

  #firstChild(at: number): number {
    const left = 2 * at + 1;
    if (left >= this.#items.length) return -1;
    const right = left + 1;
    return right < this.#items.length && this.#isBefore(this.#items[right] as T, this.#items[left] as T)
      ? right
      : left;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b] as T, items[a] as T];
  }
}
