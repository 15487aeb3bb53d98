/** Bloom filters of logs (yellow paper, section 4.3.1): three bits of 2048 for the address and for each topic. */
import { BLOOM_BYTES } from './fields.ts';
import { keccak256 } from './keccak.ts';

export interface Log {
  /** 20 bytes: the contract that wrote it. */
  readonly address: Uint8Array;
  /** At most 4, 32 bytes each. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** Sets the bits of an address or a topic by its Keccak-256. */
export function addToBloom(bloom: Uint8Array, hash: Uint8Array): void {
  for (let at = 0; at < 6; at += 2) {
    const bit = ((hash[at]! << 8) | hash[at + 1]!) & 2047;
    bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}

/** 256 bytes. */
export function bloomOf(logs: readonly Pick<Log, 'address' | 'topics'>[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    for (const item of [address, ...topics]) addToBloom(bloom, keccak256(item));
  }
  return bloom;
}
