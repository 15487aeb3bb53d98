/**
 * The Merkle-Patricia trie of a list (yellow paper, section 4.4.3 and appendix D): keys are the RLP of the positions,
 * values the transactions, receipts or withdrawals in their consensus encoding. The whole list is known, so the trie is
 * built once from the sorted keys, node by node from below, and nothing of it is stored.
 */
import type { Keccak256 } from './keccak.ts';
import { encodeBytes, encodeNumber, prefixSize, sizeAsBytes, writeBytes, writePrefix } from './rlp.ts';

/** Root of the trie of no values: keccak256(RLP of the empty string). */
export const EMPTY_TRIE_ROOT = Buffer.from(
  '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  'hex',
);

const EMPTY = Buffer.of(0x80);

interface Leaf {
  readonly nibbles: Uint8Array;
  readonly value: Uint8Array;
  readonly position: number;
}

interface Walk {
  /** Where nodes are encoded before they are hashed: each is finished before the next one begins. */
  scratch: Buffer;
  readonly keccak: Keccak256;
  readonly leaves: readonly Leaf[];
  /** Whose nodes are gathered; -1 for nobody's. */
  readonly proven: number;
  readonly nodes: Uint8Array[];
}

function nibblesOf(position: number): Uint8Array {
  const key = encodeNumber(position);
  const nibbles = new Uint8Array(key.length * 2);
  for (const [index, byte] of key.entries()) {
    nibbles[2 * index] = byte >> 4;
    nibbles[2 * index + 1] = byte & 15;
  }
  return nibbles;
}

/** Positions in the order of their keys: 1 to 127, then 0, whose key is 0x80, then the others. */
function* sortedPositions(count: number): Generator<number> {
  for (let position = 1; position < Math.min(count, 128); position++) yield position;
  yield 0;
  for (let position = 128; position < count; position++) yield position;
}

/** Hex-prefix encoding (yellow paper, appendix C) of the nibbles from `from` to `until`. */
function hexPrefix(nibbles: Uint8Array, range: { from: number; until: number }, isLeaf: boolean): Buffer {
  const { from, until } = range;
  const odd = (until - from) % 2;
  const path = Buffer.alloc(1 + (until - from - odd) / 2);
  path[0] = (isLeaf ? 0x20 : 0) + (odd ? 0x10 + (nibbles[from] as number) : 0);
  for (let at = from + odd, to = 1; at < until; at += 2, to++)
    path[to] = ((nibbles[at] as number) << 4) + (nibbles[at + 1] as number);
  return path;
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** The node over the leaves of the span, encoded, in `scratch`; they share their first `depth` nibbles. */
function nodeOf(walk: Walk, span: Span, depth: number): Uint8Array {
  const gathers =
    walk.proven >= 0 &&
    walk.leaves.slice(span.from, span.until).some(({ position }) => position === walk.proven);
  // From the root down: a node stands before what is below it.
  const at = gathers ? walk.nodes.push(EMPTY) - 1 : -1;
  const node = span.until - span.from === 1 ? leafNode(walk, span.from, depth) : innerNode(walk, span, depth);
  if (at >= 0) walk.nodes[at] = Uint8Array.from(node);
  return node;
}

/** A list of this content length, begun in `scratch`. */
function beginList(walk: Walk, length: number): number {
  const sizeBytes = prefixSize(length) + length;
  if (walk.scratch.length < sizeBytes) walk.scratch = Buffer.allocUnsafeSlow(2 * sizeBytes);
  return writePrefix(walk.scratch, 0, { length, base: 0xc0 });
}

function leafNode(walk: Walk, index: number, depth: number): Uint8Array {
  const { nibbles, value } = walk.leaves[index] as Leaf;
  const path = hexPrefix(nibbles, { from: depth, until: nibbles.length }, true);
  const at = beginList(walk, sizeAsBytes(path) + sizeAsBytes(value));
  const end = writeBytes(walk.scratch, writeBytes(walk.scratch, at, path), value);
  return walk.scratch.subarray(0, end);
}

function listNode(walk: Walk, items: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const item of items) length += item.length;
  let at = beginList(walk, length);
  for (const item of items) {
    walk.scratch.set(item, at);
    at += item.length;
  }
  return walk.scratch.subarray(0, at);
}

function innerNode(walk: Walk, span: Span, depth: number): Uint8Array {
  const first = (walk.leaves[span.from] as Leaf).nibbles;
  const last = (walk.leaves[span.until - 1] as Leaf).nibbles;
  let shared = depth;
  // Keys are sorted and none begins with another: what the outer two share, all share.
  while (first[shared] === last[shared]) shared++;
  if (shared > depth) {
    const path = encodeBytes(hexPrefix(first, { from: depth, until: shared }, false));
    return listNode(walk, [path, referenceOf(walk, span, shared)]);
  }
  const children: Uint8Array[] = [];
  let from = span.from;
  for (let nibble = 0; nibble < 16; nibble++) {
    let until = from;
    while (until < span.until && (walk.leaves[until] as Leaf).nibbles[depth] === nibble) until++;
    children.push(until === from ? EMPTY : referenceOf(walk, { from, until }, depth + 1));
    from = until;
  }
  children.push(EMPTY);
  return listNode(walk, children);
}

/** A node of less than 32 bytes stands in its parent itself, any other by its hash. */
function referenceOf(walk: Walk, span: Span, depth: number): Uint8Array {
  const before = walk.nodes.length;
  const node = nodeOf(walk, span, depth);
  if (node.length >= 32) {
    const reference = Buffer.allocUnsafe(33);
    reference[0] = 0xa0;
    reference.set(walk.keccak(node), 1);
    return reference;
  }
  // Part of its parent, and so no node of its own in a proof.
  walk.nodes.length = before;
  return Uint8Array.from(node);
}

function walkOf(keccak: Keccak256, values: readonly Uint8Array[], proven: number): Walk {
  const leaves = Array.from(sortedPositions(values.length), (position) => ({
    nibbles: nibblesOf(position),
    value: values[position] as Uint8Array,
    position,
  }));
  return { keccak, leaves, proven, nodes: [], scratch: Buffer.allocUnsafeSlow(16 * 1024) };
}

/** Root hash of the trie of these values. */
export function orderedTrieRoot(keccak: Keccak256, values: readonly Uint8Array[]): Uint8Array {
  if (values.length === 0) return EMPTY_TRIE_ROOT;
  return keccak(nodeOf(walkOf(keccak, values, -1), { from: 0, until: values.length }, 0));
}

/** The same, with the nodes from the root down to the value at `position`. */
export function orderedTrieProof(
  keccak: Keccak256,
  values: readonly Uint8Array[],
  position: number,
): { root: Uint8Array; nodes: Uint8Array[] } {
  if (!(Number.isSafeInteger(position) && position >= 0 && position < values.length))
    throw new RangeError(`position ${position} is not one of ${values.length} values`);
  const walk = walkOf(keccak, values, position);
  const root = keccak(nodeOf(walk, { from: 0, until: values.length }, 0));
  return { root, nodes: walk.nodes };
}
