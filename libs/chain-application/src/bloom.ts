/** Bloom filter of logs, 2048 bits (Yellow Paper, section 4.3.1). */
import { keccak256 } from './crypto.ts';

export const bloomSize = 256;

export function addToBloom(bloom: Uint8Array, item: Uint8Array): void {
  const hash = keccak256(item);
  for (let index = 0; index < 6; index += 2) {
    const bit = ((hash[index]! << 8) | hash[index + 1]!) & 2047;
    bloom[bloomSize - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}

export function mergeBloom(bloom: Uint8Array, other: Uint8Array): void {
  for (let index = 0; index < bloomSize; index++) bloom[index]! |= other[index]!;
}
