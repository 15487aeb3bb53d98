/**
 * A Merkle-Patricia trie that is edited in memory and hashed once: each node on the way of any number of changed keys is
 * encoded and hashed a single time, and the nodes it is made of are loaded level by level in batches.
 *
 * The edits themselves are synchronous. Where one needs a node that is not in memory it throws before anything is changed;
 * the node is loaded and the edit done again.
 */
import { indexToTrieKey } from '@lucid/eth-proof';
import { ChainError } from './error.ts';
import type { NodeStore, PendingWrites } from './node-store.ts';
import {
  commonPrefixLength,
  encodeNode,
  extensionNode,
  hashKeyOf,
  keyToPath,
  leafNode,
  type NodeReference,
  type TrieNode,
} from './trie-node.ts';
import { bytesToKey, emptyTrieRoot, hexToBytes } from './values.ts';

export const emptyRootKey = bytesToKey(hexToBytes(emptyTrieRoot));

class MissingNode extends Error {
  readonly hashKey: string;

  constructor(hashKey: string) {
    super('node is not in memory');
    this.hashKey = hashKey;
  }
}

type Branch = Extract<TrieNode, { kind: 'branch' }>;
type Extension = Extract<TrieNode, { kind: 'extension' }>;

export class Trie {
  readonly #store: NodeStore | null;
  readonly #pending: PendingWrites | undefined;
  /** Nodes that were loaded for this trie since it was last hashed: a small cache must not lose them in between. */
  readonly #held = new Map<string, TrieNode>();
  #root: NodeReference | null;

  /** `rootKey` is the hash of the root, as a map key. Without a store the trie must begin empty. */
  constructor(store: NodeStore | null, rootKey: string = emptyRootKey, pending?: PendingWrites) {
    this.#store = store;
    this.#pending = pending;
    this.#root = rootKey === emptyRootKey ? null : rootKey;
  }

  #resolve(reference: NodeReference): TrieNode {
    if (typeof reference !== 'string') return reference;
    const node = this.#held.get(reference) ?? this.#store?.cached(reference);
    if (node === undefined) throw new MissingNode(reference);
    return node;
  }

  async #hold(hashKeys: readonly string[]): Promise<void> {
    if (this.#store === null) throw new ChainError('state_damaged', 'a trie without a store misses a node');
    const nodes = await this.#store.load(hashKeys, this.#pending);
    nodes.forEach((node, index) => {
      this.#held.set(hashKeys[index]!, node);
    });
  }

  async #retry<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof MissingNode)) throw error;
        await this.#hold([error.hashKey]);
      }
    }
  }

  /** Hash of the first node on the way of the path that is not in memory. */
  #missingOnWay(path: string): string | undefined {
    try {
      this.#find(path);
    } catch (error) {
      if (error instanceof MissingNode) return error.hashKey;
      throw error;
    }
    return undefined;
  }

  /** Loads what is on the way of many keys, a level at a time. */
  async #prefetch(paths: readonly string[]): Promise<void> {
    let waiting = paths;
    for (;;) {
      const missing = new Map<string, string>();
      waiting = waiting.filter((path) => {
        const hashKey = this.#missingOnWay(path);
        if (hashKey !== undefined) missing.set(hashKey, path);
        return hashKey !== undefined;
      });
      if (missing.size === 0) return;
      await this.#hold([...missing.keys()]);
    }
  }

  #find(path: string): Uint8Array | null {
    let reference = this.#root;
    let at = 0;
    while (reference !== null) {
      const node = this.#resolve(reference);
      if (node.kind === 'leaf') return node.path === path.slice(at) ? node.value : null;
      if (node.kind === 'extension') {
        if (!path.startsWith(node.path, at)) return null;
        at += node.path.length;
        reference = node.child;
      } else {
        if (at === path.length) return node.value;
        reference = node.children[path.charCodeAt(at)]!;
        at += 1;
      }
    }
    return null;
  }

  /** Null where the key is absent. Answers at once where the way is in memory. */
  getNow(key: Uint8Array): Uint8Array | null | undefined {
    const path = keyToPath(key);
    try {
      return this.#find(path);
    } catch (error) {
      if (error instanceof MissingNode) return undefined;
      throw error;
    }
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    const path = keyToPath(key);
    return this.#retry(() => this.#find(path));
  }

  /** Applies all changes; a null value removes the key. */
  async update(changes: Iterable<readonly [key: Uint8Array, value: Uint8Array | null]>): Promise<void> {
    const edits = [...changes].map(([key, value]) => [keyToPath(key), value] as const);
    if (this.#store !== null && this.#root !== null) await this.#prefetch(edits.map(([path]) => path));
    for (const [path, value] of edits) {
      await this.#retry(() => {
        this.#root =
          value === null
            ? this.#root && this.#remove(this.#root, path)
            : this.#root === null
              ? leafNode(path, value)
              : this.#put(this.#root, path, value);
      });
    }
  }

  /** As `update`, for a trie that has all its nodes in memory. */
  putNow(key: Uint8Array, value: Uint8Array): void {
    const path = keyToPath(key);
    this.#root = this.#root === null ? leafNode(path, value) : this.#put(this.#root, path, value);
  }

  #put(reference: NodeReference, path: string, value: Uint8Array): TrieNode {
    const node = this.#resolve(reference);
    if (node.kind === 'branch') return this.#putInBranch(node, path, value);
    const shared = commonPrefixLength(node.path, path);
    if (node.kind === 'leaf' && shared === node.path.length && shared === path.length) {
      return leafNode(path, value);
    }
    if (node.kind === 'extension' && shared === node.path.length) {
      return extensionNode(node.path, this.#put(node.child, path.slice(shared), value));
    }
    return this.#split(node, shared, path, value);
  }

  #putInBranch(node: Branch, path: string, value: Uint8Array): TrieNode {
    const owned = node.dirty ? node : null;
    if (path.length === 0) {
      const branch = owned ?? { ...node, children: node.children.slice(), dirty: true };
      branch.value = value;
      return branch;
    }
    const nibble = path.charCodeAt(0);
    const child = node.children[nibble]!;
    const changed = child === null ? leafNode(path.slice(1), value) : this.#put(child, path.slice(1), value);
    const branch = owned ?? { ...node, children: node.children.slice(), dirty: true };
    branch.children[nibble] = changed;
    return branch;
  }

  /** A branch where the node's own path and the new one part. */
  #split(node: Exclude<TrieNode, Branch>, shared: number, path: string, value: Uint8Array): TrieNode {
    const branch: Branch = {
      kind: 'branch',
      children: new Array<NodeReference | null>(16).fill(null),
      value: null,
      dirty: true,
    };
    const rest = node.path.slice(shared + 1);
    if (node.kind === 'leaf') {
      if (shared === node.path.length) branch.value = node.value;
      else branch.children[node.path.charCodeAt(shared)] = leafNode(rest, node.value);
    } else {
      branch.children[node.path.charCodeAt(shared)] =
        rest.length === 0 ? node.child : extensionNode(rest, node.child);
    }
    if (shared === path.length) branch.value = value;
    else branch.children[path.charCodeAt(shared)] = leafNode(path.slice(shared + 1), value);
    return shared === 0 ? branch : extensionNode(path.slice(0, shared), branch);
  }

  /** The node without the key: the same one where it was absent, null where nothing is left. */
  #remove(reference: NodeReference, path: string): NodeReference | null {
    const node = this.#resolve(reference);
    if (node.kind === 'leaf') return node.path === path ? null : reference;
    if (node.kind === 'extension') return this.#removeBelowExtension(reference, node, path);
    return this.#removeFromBranch(reference, node, path);
  }

  #removeBelowExtension(reference: NodeReference, node: Extension, path: string): NodeReference | null {
    if (!path.startsWith(node.path)) return reference;
    const child = this.#remove(node.child, path.slice(node.path.length));
    if (child === node.child && !this.#isDirty(child)) return reference;
    return child === null ? null : this.#prepend(node.path, child);
  }

  #removeFromBranch(reference: NodeReference, node: Branch, path: string): NodeReference | null {
    const nibble = path.charCodeAt(0);
    const old = path.length === 0 ? null : node.children[nibble]!;
    if (path.length === 0 ? node.value === null : old === null) return reference;
    this.#loadOnlySibling(node, path.length === 0 ? -1 : nibble);
    const child = old === null ? null : this.#remove(old, path.slice(1));
    if (old !== null && child === old && !this.#isDirty(child)) return reference;
    const branch = node.dirty ? node : { ...node, children: node.children.slice(), dirty: true };
    if (path.length === 0) branch.value = null;
    else branch.children[nibble] = child;
    return this.#collapse(branch);
  }

  #isDirty(reference: NodeReference | null): boolean {
    return reference !== null && typeof reference !== 'string' && reference.dirty;
  }

  /** A branch that may be left with one child becomes part of it: that one must be in memory before anything is changed. */
  #loadOnlySibling(node: Branch, without: number): void {
    const others = node.children.filter((child, index) => child !== null && index !== without);
    if (others.length === 1 && (node.value === null || without === -1)) this.#resolve(others[0]!);
  }

  #collapse(branch: Branch): NodeReference | null {
    const present = branch.children.flatMap((child, index) => (child === null ? [] : [index]));
    if (present.length > 1 || (present.length === 1 && branch.value !== null)) return branch;
    if (present.length === 0) return branch.value === null ? null : leafNode('', branch.value);
    const only = present[0]!;
    return this.#prepend(String.fromCharCode(only), branch.children[only]!);
  }

  #prepend(prefix: string, reference: NodeReference): TrieNode {
    const node = this.#resolve(reference);
    if (node.kind === 'leaf') return leafNode(prefix + node.path, node.value);
    if (node.kind === 'extension') return extensionNode(prefix + node.path, node.child);
    return extensionNode(prefix, reference);
  }

  /**
   * Hashes what has changed and gives the root's hash as a map key. Each new node goes to `written` and to the store's cache.
   */
  hash(written?: Map<string, Uint8Array>): string {
    if (this.#root === null) return emptyRootKey;
    if (typeof this.#root !== 'string') {
      const encoded = this.#seal(this.#root, written);
      this.#root = this.#keep(this.#root, encoded, written);
    }
    this.#held.clear();
    return this.#root;
  }

  /** Encodes a dirty node and all below it, and makes them clean. */
  #seal(node: TrieNode, written: Map<string, Uint8Array> | undefined): Uint8Array {
    if (node.dirty) {
      if (node.kind === 'extension') node.child = this.#sealReference(node.child, written);
      else if (node.kind === 'branch') {
        for (let index = 0; index < 16; index++) {
          const child = node.children[index]!;
          if (child !== null && typeof child !== 'string')
            node.children[index] = this.#sealReference(child, written);
        }
      }
      node.dirty = false;
    }
    return encodeNode(node);
  }

  #sealReference(reference: NodeReference, written: Map<string, Uint8Array> | undefined): NodeReference {
    if (typeof reference === 'string' || !reference.dirty) return reference;
    const encoded = this.#seal(reference, written);
    return encoded.length < 32 ? reference : this.#keep(reference, encoded, written);
  }

  #keep(node: TrieNode, encoded: Uint8Array, written: Map<string, Uint8Array> | undefined): string {
    const hashKey = hashKeyOf(encoded);
    written?.set(hashKey, encoded);
    this.#store?.remember(hashKey, node);
    return hashKey;
  }

  /** RLP of the nodes from the root down to the key's leaf, or to where its way ends; nodes within nodes are not told apart. */
  async prove(key: Uint8Array): Promise<Uint8Array[]> {
    const path = keyToPath(key);
    await this.#retry(() => this.#find(path));
    const proof: Uint8Array[] = [];
    let reference = this.#root;
    let at = 0;
    while (reference !== null) {
      const node = this.#resolve(reference);
      if (typeof reference === 'string') proof.push(encodeNode(node));
      if (node.kind === 'leaf') break;
      if (node.kind === 'extension') {
        if (!path.startsWith(node.path, at)) break;
        at += node.path.length;
        reference = node.child;
      } else {
        if (at === path.length) break;
        reference = node.children[path.charCodeAt(at)]!;
        at += 1;
      }
    }
    return proof;
  }
}

/** Root of the trie of a list: transactions, receipts, withdrawals (key: RLP of the index). */
export function listRoot(items: readonly Uint8Array[]): string {
  const trie = new Trie(null);
  items.forEach((item, index) => {
    trie.putNow(indexToTrieKey(index), item);
  });
  return trie.hash();
}
