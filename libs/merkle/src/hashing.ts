/** RFC 9162 section 2.1.1: leaf = H(0x00 || data), node = H(0x01 || left || right), the empty tree H(). */
import { assertBytes } from '@lucid/bytes';

export type Sha256 = (...parts: readonly Uint8Array[]) => Uint8Array;

export const HASH_SIZE_BYTES = 32;

export interface TreeHasher {
  /** Hash of one leaf; several parts are joined. */
  leafHash(...data: readonly Uint8Array[]): Uint8Array;
  /** Both of 32 bytes. */
  nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** Root of the tree without leaves. */
  readonly emptyRoot: Uint8Array;
}

const LEAF_PREFIX = new Uint8Array([0]);

export function createTreeHasher(sha256: Sha256): TreeHasher {
  // One buffer for all nodes; the hash is computed before anybody else can touch it.
  const node = new Uint8Array(1 + 2 * HASH_SIZE_BYTES);
  node[0] = 1;
  return {
    leafHash: (...data) => sha256(LEAF_PREFIX, ...data),
    nodeHash(left, right) {
      assertBytes(left, 'nodeHash left', HASH_SIZE_BYTES);
      assertBytes(right, 'nodeHash right', HASH_SIZE_BYTES);
      node.set(left, 1);
      node.set(right, 1 + HASH_SIZE_BYTES);
      return sha256(node);
    },
    emptyRoot: sha256(),
  };
}
