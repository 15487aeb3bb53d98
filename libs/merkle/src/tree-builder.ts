/**
 * The growing tree, kept as its frontier: the hashes of the complete subtrees that make up `size` leaves, largest first, one for each
 * bit of `size`. Appending costs one leaf's share of nodes (amortised one hash), the root at most log2(size) hashes.
 */
import { assertBytes } from '@lucid/bytes';
import { HASH_SIZE_BYTES, type TreeHasher } from './hashing.ts';
import { assertCount, MAX_LEVEL } from './shape.ts';

export interface Frontier {
  /** Number of leaves. */
  readonly size: number;
  /** One hash for each bit set in `size`, of the largest subtree first. */
  readonly hashes: readonly Uint8Array[];
}

/** Called for each complete subtree the moment it is complete, the leaf (level 0) first: what a store of hashes must keep. */
export type SubtreeVisitor = (level: number, index: number, hash: Uint8Array) => void;

export class FrontierTree {
  readonly #hasher: TreeHasher;
  /** By level; only those of the bits set in `#size` mean anything. */
  readonly #subtrees: (Uint8Array | undefined)[] = new Array(MAX_LEVEL + 1).fill(undefined);
  #size = 0;
  #root: Uint8Array | null = null;

  /** @throws TypeError or RangeError where the frontier has another number of hashes than its size has bits. */
  constructor(hasher: TreeHasher, frontier: Frontier = { size: 0, hashes: [] }) {
    assertCount(frontier.size, 'frontier size');
    this.#hasher = hasher;
    this.#size = frontier.size;
    const hashes = [...frontier.hashes];
    for (let level = 0, rest = frontier.size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const hash = hashes.pop();
      if (hash === undefined) throw new RangeError('frontier: too few hashes');
      assertBytes(hash, 'frontier hash', HASH_SIZE_BYTES);
      this.#subtrees[level] = hash.slice();
    }
    if (hashes.length > 0) throw new RangeError('frontier: too many hashes');
  }

  get size(): number {
    return this.#size;
  }

  /** @throws TypeError or RangeError where `leafHash` is not 32 bytes, or the tree has 2^53 - 1 leaves. */
  append(leafHash: Uint8Array, visit?: SubtreeVisitor): void {
    assertBytes(leafHash, 'leafHash', HASH_SIZE_BYTES);
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new RangeError('append: the tree is full');
    let hash: Uint8Array = leafHash.slice();
    let level = 0;
    let index = this.#size;
    visit?.(0, index, hash);
    while (index % 2 === 1) {
      hash = this.#hasher.nodeHash(this.#subtrees[level]!, hash);
      index = (index - 1) / 2;
      level++;
      visit?.(level, index, hash);
    }
    this.#subtrees[level] = hash;
    this.#size++;
    this.#root = null;
  }

  /** 32 bytes; the root of the empty tree is SHA-256 of nothing. */
  root(): Uint8Array {
    this.#root ??= this.frontier().hashes.reduceRight<Uint8Array | null>(
      (right, left) => (right === null ? left : this.#hasher.nodeHash(left, right)),
      null,
    );
    return (this.#root ?? this.#hasher.emptyRoot).slice();
  }

  frontier(): Frontier {
    const hashes: Uint8Array[] = [];
    for (let level = 0, rest = this.#size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) hashes.push(this.#subtrees[level]!.slice());
    }
    return { size: this.#size, hashes: hashes.reverse() };
  }
}
