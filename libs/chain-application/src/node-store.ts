/**
 * Where tries find their nodes: a bounded cache of decoded nodes, nodes of the executed but uncommitted block, and the key-value store.
 *
 * Keys of the store (one letter, then):
 *   n HASH    trie node (RLP), of the state trie and of storage tries alike
 *   c HASH    contract code
 *   h HEIGHT  header (RLP); b HEIGHT block (RLP); heights are 6 bytes, big-endian
 *   x HASH    where a transaction is: height (6 bytes) and index (4 bytes)
 *   m NAME    head, genesis, oldest state; s … snapshots; p … a sweep under way
 */
import type { KvStore } from '@lucid/kv-store';
import { ChainError } from './error.ts';
import { decodeNode, hashKeyOf, type TrieNode } from './trie-node.ts';
import { bytesToHex, keyToBytes } from './values.ts';

export const storeKey = {
  node: (hashKey: string): Uint8Array => keyToBytes(`n${hashKey}`),
  code: (hashKey: string): Uint8Array => keyToBytes(`c${hashKey}`),
  header: (height: number): Uint8Array => heightKey('h', height),
  block: (height: number): Uint8Array => heightKey('b', height),
  transaction: (hashKey: string): Uint8Array => keyToBytes(`x${hashKey}`),
  meta: (name: string): Uint8Array => keyToBytes(`m${name}`),
} as const;

export function heightKey(letter: string, height: number): Uint8Array {
  const key = Buffer.alloc(7);
  key.write(letter, 'latin1');
  key.writeUIntBE(height, 1, 6);
  return Uint8Array.from(key);
}

/** Two generations: when the young one is full it becomes the old one, and what was not asked for since is gone. */
class GenerationCache<Value> {
  readonly #limit: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#limit) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** Nodes and code that a block made and that no batch has written yet. */
export interface PendingWrites {
  /** By hash: RLP of the node. */
  readonly nodes: Map<string, Uint8Array>;
  readonly codes: Map<string, Uint8Array>;
}

export const createPendingWrites = (): PendingWrites => ({ nodes: new Map(), codes: new Map() });

export interface NodeStoreOptions {
  /** Decoded nodes that are held, twice so many at most; a node takes 0.2 to 1.2 KB. */
  readonly cachedNodes: number;
  readonly cachedCodes: number;
}

export class NodeStore {
  readonly kv: KvStore;
  readonly #nodes: GenerationCache<TrieNode>;
  readonly #codes: GenerationCache<Uint8Array>;

  constructor(kv: KvStore, options: NodeStoreOptions) {
    this.kv = kv;
    this.#nodes = new GenerationCache(options.cachedNodes);
    this.#codes = new GenerationCache(options.cachedCodes);
  }

  cached(hashKey: string): TrieNode | undefined {
    return this.#nodes.get(hashKey);
  }

  remember(hashKey: string, node: TrieNode): void {
    this.#nodes.set(hashKey, node);
  }

  #decode(hashKey: string, encoded: Uint8Array | undefined): TrieNode {
    const where = bytesToHex(keyToBytes(hashKey));
    if (encoded === undefined) throw new ChainError('state_damaged', `state node ${where} is missing`);
    if (hashKeyOf(encoded) !== hashKey)
      throw new ChainError('state_damaged', `state node ${where} is not what its hash says`);
    try {
      const node = decodeNode(encoded);
      this.remember(hashKey, node);
      return node;
    } catch (cause) {
      throw new ChainError('state_damaged', `state node ${where} cannot be read`, { cause });
    }
  }

  /** Rejects with `state_damaged` where one is missing or is no node. In the order of the hashes. */
  async load(hashKeys: readonly string[], pending?: PendingWrites): Promise<TrieNode[]> {
    const absent = hashKeys.filter((each) => pending?.nodes.get(each) === undefined);
    const read = await this.kv.getMany(absent.map(storeKey.node));
    const found = new Map(absent.map((hashKey, index) => [hashKey, read[index]]));
    return hashKeys.map((hashKey) =>
      this.#decode(hashKey, pending?.nodes.get(hashKey) ?? found.get(hashKey)),
    );
  }

  /** Contract code by its hash; rejects with `state_damaged` where it is missing. */
  async code(hashKey: string, pending?: PendingWrites): Promise<Uint8Array> {
    const held = pending?.codes.get(hashKey) ?? this.#codes.get(hashKey);
    if (held !== undefined) return held;
    const code = await this.kv.get(storeKey.code(hashKey));
    if (code === undefined || hashKeyOf(code) !== hashKey)
      throw new ChainError('state_damaged', `code ${bytesToHex(keyToBytes(hashKey))} is missing or damaged`);
    this.#codes.set(hashKey, code);
    return code;
  }

  /** Whether the trie of this root has its topmost node here. */
  async has(hashKey: string): Promise<boolean> {
    return this.cached(hashKey) !== undefined || (await this.kv.get(storeKey.node(hashKey))) !== undefined;
  }
}
