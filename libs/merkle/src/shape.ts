/**
 * The shape of RFC 9162 trees (section 2.1): which complete subtrees make up a range, and which ranges make up a proof.
 * Nothing is hashed here. Positions and sizes are safe integers; no 32-bit operators, so trees may pass 2^31 leaves.
 */

/** The complete subtree over leaves `index * 2^level` to `(index + 1) * 2^level`; level 0 is a leaf. */
export interface SubtreeRef {
  readonly level: number;
  readonly index: number;
}

/** Leaves `from` (inclusive) to `until`; always what RFC 9162 calls D[from:until], so `from` is aligned. */
export interface LeafRange {
  readonly from: number;
  readonly until: number;
}

/** Safe integers end at 2^53. */
export const MAX_LEVEL = 53;

/** @throws TypeError where `value` is no number; RangeError where it is negative or no safe integer. */
export function assertCount(value: number, name: string): void {
  if (typeof value !== 'number') throw new TypeError(`${name}: expected number`);
  if (!isCount(value)) throw new RangeError(`${name}: expected a safe integer, 0 or more`);
}

export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** The level of the largest complete subtree with at most `count` leaves; `count` is at least 1. */
function levelWithin(count: number): number {
  let level = 0;
  for (let width = 2; width <= count; width *= 2) level++;
  return level;
}

/** Where RFC 9162 splits `count` > 1 leaves: the largest power of two below `count`. */
export const splitOf = (count: number): number => 2 ** levelWithin(count - 1);

/** The complete subtrees of a range, left to right, each smaller than the one before. */
export function subtreesOf({ from, until }: LeafRange): SubtreeRef[] {
  const subtrees: SubtreeRef[] = [];
  for (let at = from; at < until; ) {
    const level = levelWithin(until - at);
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** RFC 9162 section 2.1.3.1: the ranges whose hashes are the inclusion proof, in the order of the proof. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  assertCount(index, 'index');
  assertCount(size, 'size');
  if (index >= size) throw new RangeError('index: not below size');
  const ranges: LeafRange[] = [];
  for (let from = 0, until = size; until - from > 1; ) {
    const middle = from + splitOf(until - from);
    const left = index < middle;
    ranges.push(left ? { from: middle, until } : { from, until: middle });
    if (left) until = middle;
    else from = middle;
  }
  return ranges.reverse();
}

/** RFC 9162 section 2.1.4.1: the ranges whose hashes are the consistency proof; none for `first` 0 or equal sizes. */
export function consistencyRanges(first: number, second: number): LeafRange[] {
  assertCount(first, 'first');
  assertCount(second, 'second');
  if (first > second) throw new RangeError('first: above second');
  if (first === 0 || first === second) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let until = second;
  // SUBPROOF: descend to the subtree that ends at `first`; it is left out only where it begins at 0, as the verifier has it.
  while (until !== first) {
    const middle = from + splitOf(until - from);
    const left = first <= middle;
    ranges.push(left ? { from: middle, until } : { from, until: middle });
    if (left) until = middle;
    else from = middle;
  }
  if (from !== 0) ranges.push({ from, until });
  return ranges.reverse();
}

/** The number of hashes in the inclusion proof, without listing them; `index` is below `size`. */
export function inclusionProofLength(index: number, size: number): number {
  let length = 0;
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    if (at % 2 === 1 || at < last) length++;
  }
  return length;
}
