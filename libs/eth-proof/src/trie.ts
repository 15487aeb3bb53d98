/**
 * Proofs in Merkle-Patricia tries (yellow paper, appendix D): the nodes from the root down to where the path of the key ends, each named by
 * the Keccak-256 of its RLP in the one before it, as eth_getProof gives them. Nodes below 32 bytes lie inside their parent and are no
 * members of their own. A node is hashed before it is read, and the proof must have each node of the path once and none besides, so a proof has
 * one form; its length, and so the work, is bounded by the path.
 */
import { assertBytes, equalBytes, isBytes } from '@lucid/bytes';
import { EthProofError } from './error.ts';
import { asBytes, HASH_BYTES } from './fields.ts';
import { keccak256 } from './keccak.ts';
import { decodeRlp, encodeRlp, integerToBytes, type RlpItem, rlpSize } from './rlp.ts';

export interface TrieProof {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** As the trie has it: RLP(index) in tries of receipts and transactions, Keccak-256 of address or slot in those of the state. */
  readonly key: Uint8Array;
  /** RLP of each node, the root first. None, for the empty trie. */
  readonly nodes: readonly Uint8Array[];
}

/** The root of a trie that holds nothing. */
export const EMPTY_TRIE_ROOT: Uint8Array = keccak256(Uint8Array.of(0x80));

/** The key of a transaction, and of its receipt, in the tries of a block. */
export const indexToTrieKey = (index: number): Uint8Array => encodeRlp(integerToBytes(index));

const BRANCH_CHILDREN = 16;

function nibblesOf(key: Uint8Array): number[] {
  const nibbles: number[] = [];
  for (const byte of key) nibbles.push(byte >> 4, byte & 15);
  return nibbles;
}

/** Hex-prefix encoding: a nibble with the flags leaf (2) and odd (1), one of padding where even, then the path. */
function readPath(item: RlpItem | undefined, at: string): { isLeaf: boolean; path: number[] } {
  const [flags = BRANCH_CHILDREN, ...rest] = nibblesOf(asBytes(item, at));
  if (flags > 3) throw new EthProofError('node_malformed', at, 'a path without its flags');
  const isOdd = (flags & 1) === 1;
  if (!isOdd && rest[0] !== 0)
    throw new EthProofError('node_malformed', at, 'a path whose padding is not zero');
  return { isLeaf: flags >= 2, path: isOdd ? rest : rest.slice(1) };
}

/** Where a step leads: to a node by its hash, to one that lies inside, to a value, or nowhere. */
type Step =
  | { readonly hash: Uint8Array }
  | { readonly inside: RlpItem }
  | { readonly value: Uint8Array }
  | { readonly absent: true };

const ABSENT = { absent: true } as const;

function toChild(child: RlpItem | undefined, at: string): Step {
  if (!isBytes(child)) {
    if (child === undefined || rlpSize(child) >= HASH_BYTES)
      throw new EthProofError('node_malformed', at, 'a node of 32 bytes or more inside another');
    return { inside: child };
  }
  if (child.length === 0) return ABSENT;
  if (child.length !== HASH_BYTES)
    throw new EthProofError('node_malformed', at, `a child of ${child.length} bytes where a hash belongs`);
  return { hash: child };
}

function stepOfBranch(node: readonly RlpItem[], rest: readonly number[], at: string): Step {
  const [nibble] = rest;
  if (nibble !== undefined) return toChild(node[nibble], `${at}[${nibble}]`);
  const value = asBytes(node[BRANCH_CHILDREN], `${at}[16]`);
  return value.length === 0 ? ABSENT : { value };
}

function stepOfPath(
  node: readonly RlpItem[],
  rest: readonly number[],
  at: string,
): { step: Step; taken: number } {
  const { isLeaf, path } = readPath(node[0], `${at}[0]`);
  const matches = path.length <= rest.length && path.every((nibble, index) => nibble === rest[index]);
  if (isLeaf) {
    const value = asBytes(node[1], `${at}[1]`);
    if (value.length === 0) throw new EthProofError('node_malformed', `${at}[1]`, 'a leaf without a value');
    const step = matches && path.length === rest.length ? { value } : ABSENT;
    return { step, taken: path.length };
  }
  const step = toChild(node[1], `${at}[1]`);
  if (path.length === 0 || 'absent' in step)
    throw new EthProofError('node_malformed', at, 'an extension that leads nowhere');
  return { step: matches ? step : ABSENT, taken: path.length };
}

function takeStep(node: RlpItem, rest: readonly number[], at: string): { step: Step; taken: number } {
  if (isBytes(node) && node.length === 0) return { step: ABSENT, taken: 0 };
  if (isBytes(node) || (node.length !== 17 && node.length !== 2))
    throw new EthProofError('node_malformed', at, 'neither 17 members nor 2');
  return node.length === 17 ? { step: stepOfBranch(node, rest, at), taken: 1 } : stepOfPath(node, rest, at);
}

function openNode(bytes: Uint8Array | undefined, hash: Uint8Array, isRoot: boolean, at: string): RlpItem {
  if (bytes === undefined) throw new EthProofError('proof_too_short', at, 'the node is missing');
  assertBytes(bytes, 'verifyTrieProof');
  if (!equalBytes(keccak256(bytes), hash))
    throw new EthProofError('proof_hash_differs', at, 'its hash is not the one by which it is named');
  const node = decodeRlp(bytes, at);
  // Only the root may be short: any other would lie inside its parent. An empty string is a trie that holds nothing.
  if (!isRoot && (bytes.length < HASH_BYTES || isBytes(node)))
    throw new EthProofError('node_malformed', at, 'a node that belongs inside the one before it');
  return node;
}

/**
 * The value of the key in the trie of this root, or null where the proof shows that it has none.
 *
 * @throws EthProofError where it shows neither; TypeError or RangeError where `root` is no 32 bytes or a part no Uint8Array.
 */
export function verifyTrieProof({ root, key, nodes }: TrieProof): Uint8Array | null {
  assertBytes(root, 'verifyTrieProof: root', HASH_BYTES);
  assertBytes(key, 'verifyTrieProof: key');
  if (nodes.length === 0 && equalBytes(root, EMPTY_TRIE_ROOT)) return null;
  let rest: readonly number[] = nibblesOf(key);
  let step: Step = { hash: root };
  let used = 0;
  while ('hash' in step || 'inside' in step) {
    const at = `nodes[${'hash' in step ? used : used - 1}]`;
    const node: RlpItem = 'hash' in step ? openNode(nodes[used++], step.hash, used === 1, at) : step.inside;
    const next = takeStep(node, rest, at);
    rest = rest.slice(next.taken);
    step = next.step;
  }
  if (used < nodes.length)
    throw new EthProofError('proof_too_long', `nodes[${used}]`, 'nodes behind the end of the path');
  return 'value' in step ? step.value : null;
}
