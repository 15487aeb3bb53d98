/**
 * RFC 9162 hashing for the append path: one call into OpenSSL per hash, result written into the caller's buffer.
 * `crypto.hash` with a binary string for answer costs about half of one with a Buffer (0.4 against 0.8 microseconds here).
 * The prefixes are those of RFC 9162 section 2.1.1; tests compare the results with @lucid/merkle.
 */
import { hash } from 'node:crypto';

export const HASH_SIZE_BYTES = 32;

/** Hashes `bytes` as they are: a leaf's bytes must start with its 0x00 prefix. */
export function hashPrefixedInto(target: Buffer, offset: number, bytes: Uint8Array): void {
  target.write(hash('sha256', bytes, 'binary'), offset, HASH_SIZE_BYTES, 'latin1');
}

const nodeInput = Buffer.alloc(1 + 2 * HASH_SIZE_BYTES, 1);

/** Node hash of the two hashes that lie side by side in `pairs` at `pairOffset`. */
export function hashPairInto(target: Buffer, offset: number, pairs: Buffer, pairOffset: number): void {
  pairs.copy(nodeInput, 1, pairOffset, pairOffset + 2 * HASH_SIZE_BYTES);
  hashPrefixedInto(target, offset, nodeInput);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_SIZE_BYTES);
  const node = Buffer.allocUnsafe(HASH_SIZE_BYTES);
  hashPrefixedInto(node, 0, nodeInput);
  return node;
}

export const emptyTreeRoot = (): Buffer => Buffer.from(hash('sha256', '', 'binary'), 'latin1');
