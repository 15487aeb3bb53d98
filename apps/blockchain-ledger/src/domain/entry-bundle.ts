/**
 * Entry bundles of C2SP tlog-tiles: up to 256 entries, each a 2-byte big-endian length and its bytes.
 */

import { TILE_WIDTH } from './tile-path.ts';
import { hashPrefixedInto } from './tree-hash.ts';

export const MAX_ENTRY_SIZE_BYTES = 0xffff;
const LENGTH_SIZE_BYTES = 2;

/** Where each entry's length field starts, and the end; null where the bytes are not exactly `count` entries. */
export function indexEntryBundle(bundle: Uint8Array, count: number): number[] | null {
  const offsets = [0];
  let offset = 0;
  for (let entry = 0; entry < count; entry++) {
    if (offset + LENGTH_SIZE_BYTES > bundle.length) return null;
    offset += LENGTH_SIZE_BYTES + ((bundle[offset] as number) << 8) + (bundle[offset + 1] as number);
    offsets.push(offset);
  }
  return offset === bundle.length ? offsets : null;
}

/** The bundle that is being filled: entries are copied once, here, and hashed and stored from here. */
export class EntryBundle {
  #bytes: Buffer;
  #offsets = new Uint32Array(TILE_WIDTH + 1);
  count = 0;

  constructor(capacityBytes = 16 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** A stored bundle, with what `indexEntryBundle` says of it. */
  static fromStored(bytes: Uint8Array, offsets: readonly number[]): EntryBundle {
    const bundle = new EntryBundle(Math.max(1, bytes.length));
    bundle.#bytes.set(bytes);
    bundle.#offsets.set(offsets);
    bundle.count = offsets.length - 1;
    return bundle;
  }

  get sizeBytes(): number {
    return this.#offsets[this.count] as number;
  }

  /** Appends the entry and writes its leaf hash into `target`. */
  append(data: Uint8Array, target: Buffer, targetOffset: number): void {
    const start = this.sizeBytes;
    const end = start + LENGTH_SIZE_BYTES + data.length;
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    bytes[start] = data.length >> 8;
    bytes.set(data, start + LENGTH_SIZE_BYTES);
    // The low byte of the length lies right before the entry and is lent to the hash as its 0x00 prefix.
    bytes[start + 1] = 0;
    hashPrefixedInto(target, targetOffset, bytes.subarray(start + 1, end));
    bytes[start + 1] = data.length & 0xff;
    this.#offsets[++this.count] = end;
  }

  #grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.sizeBytes));
    this.#bytes = grown;
  }

  /** Entries `from` to `to` (not included) as they stand in the bundle: a view that stays as it is. */
  segment(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#offsets[from], this.#offsets[to]);
  }

  entry(position: number): Buffer {
    return this.segment(position, position + 1).subarray(LENGTH_SIZE_BYTES);
  }
}
