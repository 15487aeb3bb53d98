/** Bloom filters of logs (yellow paper, section 4.4.1): 2,048 bits, three for each address and topic. */
import type { Keccak256 } from './keccak.ts';

export const BLOOM_SIZE_BYTES = 256;

/** Sets the bits of an item by its hash. */
export function addToBloom(bloom: Uint8Array, itemHash: Uint8Array): void {
  for (let pair = 0; pair < 6; pair += 2) {
    const bit = (((itemHash[pair] as number) << 8) | (itemHash[pair + 1] as number)) & 2047;
    const byte = BLOOM_SIZE_BYTES - 1 - (bit >> 3);
    bloom[byte] = (bloom[byte] as number) | (1 << (bit & 7));
  }
}

export interface HashedItem {
  readonly hash: Uint8Array;
  /** The first 8 bytes of the hash as latin1. */
  readonly name: string;
}

/** Hashes addresses and topics, each of them once: the logs of a block name few things often. */
export function createItemHasher(keccak: Keccak256): (item: Uint8Array) => HashedItem {
  const known = new Map<string, HashedItem>();
  return (item) => {
    const text = Buffer.from(item.buffer, item.byteOffset, item.length).toString('latin1');
    let hashed = known.get(text);
    if (hashed === undefined) {
      const hash = keccak(item);
      hashed = { hash, name: Buffer.from(hash.buffer, hash.byteOffset, 8).toString('latin1') };
      known.set(text, hashed);
    }
    return hashed;
  };
}
