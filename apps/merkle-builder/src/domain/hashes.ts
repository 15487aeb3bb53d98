/** Hashes back to back in one array of bytes, as they are stored and sent. */
import { HASH_SIZE_BYTES } from '@lucid/merkle';

export const hashAt = (hashes: Uint8Array, position: number): Uint8Array =>
  hashes.subarray(position * HASH_SIZE_BYTES, (position + 1) * HASH_SIZE_BYTES);

export const hashCount = (hashes: Uint8Array): number => hashes.length / HASH_SIZE_BYTES;

export const splitHashes = (hashes: Uint8Array): Uint8Array[] =>
  Array.from({ length: hashCount(hashes) }, (_, position) => hashAt(hashes, position));
