/** Where the records of one session lie: 12 bytes of memory per record. */
import { PREAMBLE_SIZE_BYTES, type SessionLayout } from '@lucid/chunk-store';

const FIRST_CAPACITY = 64;

export class RecordTable {
  #offsets = new Float64Array(FIRST_CAPACITY);
  #sizes = new Uint32Array(FIRST_CAPACITY);
  #length = 0;
  #storedBytes = 0;

  get length(): number {
    return this.#length;
  }

  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** End of the record area: records lie without gap after the preamble. */
  get endOffset(): number {
    return PREAMBLE_SIZE_BYTES + this.#storedBytes;
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  size(index: number): number {
    return this.#sizes[index]!;
  }

  push(offset: number, sizeBytes: number): void {
    if (this.#length === this.#sizes.length) {
      const [offsets, sizes] = [this.#offsets, this.#sizes];
      this.#offsets = new Float64Array(offsets.length * 2);
      this.#offsets.set(offsets);
      this.#sizes = new Uint32Array(sizes.length * 2);
      this.#sizes.set(sizes);
    }
    this.#offsets[this.#length] = offset;
    this.#sizes[this.#length] = sizeBytes;
    this.#length += 1;
    this.#storedBytes += sizeBytes;
  }

  /** Keeps the first `length` records; only for tables in file order. */
  truncate(length: number): void {
    for (; this.#length > length; this.#length -= 1) this.#storedBytes -= this.#sizes[this.#length - 1]!;
  }

  layout(): SessionLayout {
    return {
      offsets: this.#offsets.slice(0, this.#length),
      sizes: this.#sizes.slice(0, this.#length),
      endOffset: this.endOffset,
    };
  }
}
