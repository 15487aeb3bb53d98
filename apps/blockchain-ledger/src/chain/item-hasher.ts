/** What the logs of a block name, by its hash: the bloom filters and the index of logs are made of it. */
import type { Keccak256 } from './keccak.ts';

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
