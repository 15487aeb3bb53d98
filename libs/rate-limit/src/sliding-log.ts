/** Ring of the times that are still in the window, oldest first. Grows to the limit at most; nothing costs more than amortized O(1). */

const FIRST_CAPACITY = 8;

export class SlidingLog {
  #times = new Float64Array(FIRST_CAPACITY);
  #head = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Drops what is at or before `edgeMs`. */
  dropUntil(edgeMs: number): void {
    while (this.#count > 0 && this.#times[this.#head]! <= edgeMs) {
      this.#head = (this.#head + 1) % this.#times.length;
      this.#count -= 1;
    }
  }

  /** `timeMs` must not be before the last one. */
  push(timeMs: number): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#times[(this.#head + this.#count) % this.#times.length] = timeMs;
    this.#count += 1;
  }

  /** The time at `index`, 0 is the oldest; the caller keeps it below `count`. */
  at(index: number): number {
    return this.#times[(this.#head + index) % this.#times.length]!;
  }

  #grow(): void {
    const grown = new Float64Array(this.#times.length * 2);
    for (let index = 0; index < this.#count; index += 1) grown[index] = this.at(index);
    this.#times = grown;
    this.#head = 0;
  }
}
