/** The `INDX` section read in place: 44 bytes a record and nothing more, whatever the number of records. */
import { INDEX_ROW_BYTES, PREAMBLE_BYTES, RECORD_HEADER_BYTES } from '@lucid/session-format';

export const HASH_BYTES = 32;

export class IndexTable {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #order: Uint32Array | null = null;

  /** `bytes` must be a whole number of rows. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = bytes.length / INDEX_ROW_BYTES;
  }

  offset(row: number): number {
    const at = row * INDEX_ROW_BYTES;
    return this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }

  sizeBytes(row: number): number {
    return this.#view.getUint32(row * INDEX_ROW_BYTES + 8);
  }

  leafHash(row: number): Uint8Array {
    const at = row * INDEX_ROW_BYTES + 12;
    return this.#bytes.subarray(at, at + HASH_BYTES);
  }

  /** Rows in the order of their offsets. */
  byOffset(): Uint32Array {
    if (this.#order !== null) return this.#order;
    const order = Uint32Array.from({ length: this.count }, (_, row) => row);
    const sorted = order.every((row) => row === 0 || this.offset(row - 1) < this.offset(row));
    this.#order = sorted ? order : order.sort((a, b) => this.offset(a) - this.offset(b) || a - b);
    return this.#order;
  }

  /** The first row that does not begin where the one before it in the file ends, or null where rows tile the record area. */
  tilingFault(recordsEnd: number): { row: number; expected: string; found: string } | null {
    let at = PREAMBLE_BYTES;
    let last = 0;
    for (const row of this.byOffset()) {
      const offset = this.offset(row);
      if (offset !== at) return { row, expected: `offset ${at}`, found: `offset ${offset}` };
      if (this.sizeBytes(row) < RECORD_HEADER_BYTES)
        return { row, expected: 'at least 128 bytes', found: `${this.sizeBytes(row)} bytes` };
      at += this.sizeBytes(row);
      last = row;
    }
    return at === recordsEnd
      ? null
      : { row: last, expected: `records up to ${recordsEnd}`, found: `up to ${at}` };
  }
}
