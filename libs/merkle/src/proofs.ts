/**
 * Roots and proofs of RFC 9162 section 2.1, from all leaf hashes or from stored hashes of complete subtrees. With stored hashes
 * a root or proof reads at most about 2 log2(size) of them, whatever the size of the tree
 * (the idea of golang.org/x/mod/sumdb/tlog, HashReader).
 */
import { assertBytes } from '@lucid/bytes';
import { HASH_SIZE_BYTES, type TreeHasher } from './hashing.ts';
import {
  assertCount,
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  type SubtreeRef,
  subtreesOf,
} from './shape.ts';

/** Gives the hashes of complete subtrees, in the order asked for. A hash it cannot give is its error to throw. */
export interface HashReader {
  readHashes(refs: readonly SubtreeRef[]): readonly Uint8Array[];
}

export interface AsyncHashReader {
  readHashes(refs: readonly SubtreeRef[]): Promise<readonly Uint8Array[]>;
}

/** All leaf hashes of a tree, or a reader of its stored subtrees. */
export type HashSource = readonly Uint8Array[] | HashReader;

export interface TreeProofs {
  /** Root of the tree over these leaf hashes. */
  rootOfLeaves(leafHashes: readonly Uint8Array[]): Uint8Array;
  /** Root of the first `size` leaves. */
  rootAt(source: HashSource, size: number): Uint8Array;
  /** @throws RangeError where `index` is not below `size` or the source has fewer leaves. */
  inclusionProof(source: HashSource, index: number, size: number): Uint8Array[];
  /** @throws RangeError where `first` is above `second` or the source has fewer leaves. */
  consistencyProof(source: HashSource, first: number, second: number): Uint8Array[];
  /** The same over a reader that answers later; one `readHashes` call each. */
  rootAtAsync(reader: AsyncHashReader, size: number): Promise<Uint8Array>;
  inclusionProofAsync(reader: AsyncHashReader, index: number, size: number): Promise<Uint8Array[]>;
  consistencyProofAsync(reader: AsyncHashReader, first: number, second: number): Promise<Uint8Array[]>;
}

/** The hashes of `ranges` are joined from their subtrees' hashes, which are asked for in one call. */
interface Plan {
  readonly refs: readonly SubtreeRef[];
  fold(hashes: readonly Uint8Array[]): Uint8Array[];
}

function planOf(ranges: readonly LeafRange[], { nodeHash }: TreeHasher): Plan {
  const groups = ranges.map(subtreesOf);
  const refs = groups.flat();
  const fold = (hashes: readonly Uint8Array[]): Uint8Array[] => {
    if (hashes.length !== refs.length) throw new RangeError('readHashes: answered another number of hashes');
    for (const hash of hashes) assertBytes(hash, 'readHashes', HASH_SIZE_BYTES);
    let at = 0;
    return groups.map((group) => {
      const parts = hashes.slice(at, at + group.length);
      at += group.length;
      return parts.reduceRight((right, left) => nodeHash(left, right));
    });
  };
  return { refs, fold };
}

/** A reader over leaf hashes in memory: it hashes the leaves below each subtree asked for. */
function readerOfLeaves(leafHashes: readonly Uint8Array[], { nodeHash }: TreeHasher): HashReader {
  const subtree = ({ level, index }: SubtreeRef): Uint8Array =>
    level === 0
      ? leafHashes[index]!
      : nodeHash(
          subtree({ level: level - 1, index: 2 * index }),
          subtree({ level: level - 1, index: 2 * index + 1 }),
        );
  return { readHashes: (refs) => refs.map(subtree) };
}

export function createTreeProofs(hasher: TreeHasher): TreeProofs {
  const readerOf = (source: HashSource, size: number): HashReader => {
    if ('readHashes' in source) return source;
    if (size > source.length) throw new RangeError('size: above the number of leaves');
    return readerOfLeaves(source, hasher);
  };
  const read = (source: HashSource, size: number, ranges: readonly LeafRange[]): Uint8Array[] => {
    const plan = planOf(ranges, hasher);
    return plan.refs.length === 0 ? [] : plan.fold(readerOf(source, size).readHashes(plan.refs));
  };
  const readAsync = async (reader: AsyncHashReader, ranges: readonly LeafRange[]): Promise<Uint8Array[]> => {
    const plan = planOf(ranges, hasher);
    return plan.refs.length === 0 ? [] : plan.fold(await reader.readHashes(plan.refs));
  };
  const whole = (size: number): LeafRange[] => {
    assertCount(size, 'size');
    return size === 0 ? [] : [{ from: 0, until: size }];
  };
  const rootAt = (source: HashSource, size: number): Uint8Array =>
    read(source, size, whole(size))[0] ?? hasher.emptyRoot.slice();
  return {
    rootOfLeaves: (leafHashes) => rootAt(leafHashes, leafHashes.length),
    rootAt,
    inclusionProof: (source, index, size) => read(source, size, inclusionRanges(index, size)),
    consistencyProof: (source, first, second) => read(source, second, consistencyRanges(first, second)),
    rootAtAsync: async (reader, size) =>
      (await readAsync(reader, whole(size)))[0] ?? hasher.emptyRoot.slice(),
    inclusionProofAsync: async (reader, index, size) => readAsync(reader, inclusionRanges(index, size)),
    consistencyProofAsync: async (reader, first, second) =>
      readAsync(reader, consistencyRanges(first, second)),
  };
}

export const isHash = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length === HASH_SIZE_BYTES;
