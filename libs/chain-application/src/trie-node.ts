/**
 * Nodes of the Merkle-Patricia trie (Yellow Paper, appendix D) in memory and as RLP.
 *
 * A path is a string of one character (0 to 15) per nibble, a hash a string of 32 characters (latin1), so that both are map
 * keys without conversion. A reference to a child is the hash of a node that is stored, or the node itself: then it is shorter than
 * 32 bytes and part of its parent's encoding, or it is dirty.
 *
 * A node without `dirty` is never changed again and may be shared by any number of tries.
 */
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import { keccak256 } from './crypto.ts';
import { bytesToKey } from './values.ts';

export type NodeReference = string | TrieNode;

export type TrieNode =
  | { readonly kind: 'leaf'; path: string; value: Uint8Array; dirty: boolean }
  | { readonly kind: 'extension'; path: string; child: NodeReference; dirty: boolean }
  | { readonly kind: 'branch'; children: (NodeReference | null)[]; value: Uint8Array | null; dirty: boolean };

const NO_BYTES = new Uint8Array(0);

export const leafNode = (path: string, value: Uint8Array): TrieNode => ({
  kind: 'leaf',
  path,
  value,
  dirty: true,
});

export const extensionNode = (path: string, child: NodeReference): TrieNode => ({
  kind: 'extension',
  path,
  child,
  dirty: true,
});

const nibbleChars = Array.from({ length: 16 }, (_, nibble) => String.fromCharCode(nibble));
const bytePaths = Array.from({ length: 256 }, (_, byte) => nibbleChars[byte >> 4]! + nibbleChars[byte & 15]!);

/** Path of a key: two nibbles for each byte. */
export function keyToPath(key: Uint8Array): string {
  let path = '';
  for (const byte of key) path += bytePaths[byte]!;
  return path;
}

/** The key of a whole path; its length must be even. */
export function pathToKey(path: string): Uint8Array {
  return Uint8Array.from(
    { length: path.length / 2 },
    (_, index) => (path.charCodeAt(2 * index) << 4) | path.charCodeAt(2 * index + 1),
  );
}

export function commonPrefixLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let index = 0;
  while (index < end && a.charCodeAt(index) === b.charCodeAt(index)) index++;
  return index;
}

/** Hex prefix encoding: a flag for leaf and one for odd, then the nibbles. */
function packPath(path: string, leaf: boolean): Uint8Array {
  const odd = path.length % 2;
  const packed = new Uint8Array(1 + (path.length - odd) / 2);
  packed[0] = (leaf ? 0x20 : 0) | (odd === 1 ? 0x10 | path.charCodeAt(0) : 0);
  for (let index = 1, at = odd; at < path.length; index++, at += 2)
    packed[index] = (path.charCodeAt(at) << 4) | path.charCodeAt(at + 1);
  return packed;
}

function unpackPath(packed: Uint8Array): { path: string; leaf: boolean } {
  const first = packed[0];
  if (first === undefined || first > 0x3f || ((first & 0x10) === 0 && (first & 0x0f) !== 0))
    throw new Error('a path of a trie node is not in hex prefix encoding');
  const odd = (first & 0x10) === 0 ? '' : nibbleChars[first & 15]!;
  return { path: odd + keyToPath(packed.subarray(1)), leaf: (first & 0x20) !== 0 };
}

type RawItem = Uint8Array | RawItem[];

const rawReference = (reference: NodeReference | null): RawItem => {
  if (reference === null) return NO_BYTES;
  return typeof reference === 'string' ? Buffer.from(reference, 'latin1') : rawNode(reference);
};

function rawNode(node: TrieNode): RawItem[] {
  if (node.kind === 'leaf') return [packPath(node.path, true), node.value];
  if (node.kind === 'extension') return [packPath(node.path, false), rawReference(node.child)];
  return [...node.children.map(rawReference), node.value ?? NO_BYTES];
}

/** A branch whose children are all hashes or absent: nearly every one, so it has a way of its own. */
function encodeHashBranch(children: readonly (NodeReference | null)[]): Uint8Array | null {
  let size = 1;
  for (const child of children) {
    if (child !== null && typeof child !== 'string') return null;
    size += child === null ? 1 : 33;
  }
  const header = size < 56 ? 1 : size < 256 ? 2 : 3;
  const out = Buffer.allocUnsafeSlow(header + size);
  if (header === 1) out[0] = 0xc0 + size;
  else if (header === 2) out.set([0xf8, size]);
  else out.set([0xf9, size >> 8, size & 255]);
  let at = header;
  for (const child of children as readonly (string | null)[]) {
    if (child === null) out[at++] = 0x80;
    else {
      out[at++] = 0xa0;
      at += out.write(child, at, 'latin1');
    }
  }
  out[at] = 0x80;
  return out;
}

/** RLP of a node whose children are all clean. */
export function encodeNode(node: TrieNode): Uint8Array {
  const fast = node.kind === 'branch' && node.value === null ? encodeHashBranch(node.children) : null;
  return fast ?? encodeRlp(rawNode(node) as Parameters<typeof encodeRlp>[0]);
}

function referenceFromRaw(raw: unknown): NodeReference | null {
  if (Array.isArray(raw)) return nodeFromRaw(raw);
  const bytes = raw as Uint8Array;
  if (bytes.length === 0) return null;
  if (bytes.length !== 32) throw new Error('a reference of a trie node is no hash');
  return bytesToKey(bytes);
}

function nodeFromRaw(raw: readonly unknown[]): TrieNode {
  if (raw.length === 17) {
    const value = raw[16];
    if (!(value instanceof Uint8Array)) throw new Error('the value of a branch is a list');
    return {
      kind: 'branch',
      children: raw.slice(0, 16).map(referenceFromRaw),
      value: value.length === 0 ? null : value,
      dirty: false,
    };
  }
  const [packed, rest] = raw;
  if (raw.length !== 2 || !(packed instanceof Uint8Array)) throw new Error('a trie node has 2 or 17 items');
  const { path, leaf } = unpackPath(packed);
  if (leaf) {
    if (!(rest instanceof Uint8Array)) throw new Error('the value of a leaf is a list');
    return { kind: 'leaf', path, value: rest, dirty: false };
  }
  const child = referenceFromRaw(rest);
  if (child === null) throw new Error('an extension has no child');
  return { kind: 'extension', path, child, dirty: false };
}

/** Throws an Error that says what is wrong when the bytes are no node. */
export function decodeNode(encoded: Uint8Array): TrieNode {
  const raw: unknown = decodeRlp(encoded);
  if (!Array.isArray(raw)) throw new Error('a trie node is a list');
  return nodeFromRaw(raw);
}

/** Hash of a stored node, as the key of maps. */
export const hashKeyOf = (encoded: Uint8Array): string => bytesToKey(keccak256(encoded));
