/**
 * Walks the whole state below a root straight from the store, past every cache, and recomputes the hash of all that it reads. Nodes
 * are read in batches; the memory it needs is that of one batch for each level.
 */
import type { KvStore } from '@lucid/kv-store';
import { type AccountFields, decodeAccount, hasCode } from './account-rlp.ts';
import type { StateFault } from './application.ts';
import { storeKey } from './node-store.ts';
import { emptyRootKey } from './trie.ts';
import { decodeNode, hashKeyOf, type NodeReference, pathToKey, type TrieNode } from './trie-node.ts';
import { bytesToHex, bytesToKey, type Hex, keyToBytes } from './values.ts';

const batchSize = 256;
const keyNibbles = 64;

/** Which blocks need it the walk does not know. */
export type WalkFault = Omit<StateFault, 'height'>;

export interface StateVisitor {
  /** Each stored node once; false leaves out what is below it. */
  node?(hashKey: string, encoded: Uint8Array): boolean | undefined;
  /** Accounts in the order of their hashed addresses. */
  account?(hashedAddress: Uint8Array, encoded: Uint8Array, code: Uint8Array | null): Promise<void> | void;
  code?(hashKey: string): void;
  /** Slots of the last account, in the order of their hashes. */
  slot?(hashedAddress: Uint8Array, hashedSlot: Uint8Array, value: Uint8Array): Promise<void> | void;
  fault?(fault: WalkFault): void;
}

interface Place {
  readonly reference: NodeReference;
  readonly path: string;
}

const hexOfKey = (key: string): Hex => bytesToHex(keyToBytes(key));

export class StateWalk {
  readonly #kv: KvStore;
  readonly #visitor: StateVisitor;
  readonly #yieldTurn: () => Promise<void>;

  constructor(kv: KvStore, visitor: StateVisitor, yieldTurn: () => Promise<void>) {
    this.#kv = kv;
    this.#visitor = visitor;
    this.#yieldTurn = yieldTurn;
  }

  async walk(rootKey: string): Promise<void> {
    await this.#trie(rootKey, undefined, async (path, value) => {
      await this.#account(pathToKey(path), value);
    });
  }

  async #account(hashedAddress: Uint8Array, encoded: Uint8Array): Promise<void> {
    const where = bytesToHex(hashedAddress);
    let account: AccountFields;
    try {
      account = decodeAccount(encoded);
    } catch {
      this.#visitor.fault?.({
        what: 'state node',
        where,
        account: where,
        found: 'an account that cannot be read',
      });
      return;
    }
    const code = hasCode(account) ? await this.#code(bytesToKey(account.codeHash), where) : null;
    await this.#visitor.account?.(hashedAddress, encoded, code);
    await this.#trie(bytesToKey(account.storageRoot), where, async (path, value) => {
      await this.#visitor.slot?.(hashedAddress, pathToKey(path), value);
    });
  }

  async #code(hashKey: string, account: Hex): Promise<Uint8Array | null> {
    this.#visitor.code?.(hashKey);
    const code = await this.#kv.get(storeKey.code(hashKey));
    const found = code === undefined ? 'nothing' : hexOfKey(hashKeyOf(code));
    const expected = hexOfKey(hashKey);
    if (code !== undefined && found === expected) return code;
    this.#visitor.fault?.({ what: 'code', where: expected, account, expected, found });
    return null;
  }

  /** Depth first, children in order; `leaf` is told the whole path. */
  async #trie(
    rootKey: string,
    account: Hex | undefined,
    leaf: (path: string, value: Uint8Array) => Promise<void>,
  ): Promise<void> {
    if (rootKey === emptyRootKey) return;
    const waiting: Place[] = [{ reference: rootKey, path: '' }];
    const read = new Map<string, Uint8Array | undefined>();
    while (waiting.length > 0) {
      const place = waiting.pop()!;
      const node = await this.#open(place, waiting, read, account);
      if (node === null) continue;
      if (node.kind === 'leaf') {
        const path = place.path + node.path;
        if (path.length === keyNibbles) await leaf(path, node.value);
        else this.#fault(account, place, 'a leaf of wrong depth');
      } else if (node.kind === 'extension') {
        waiting.push({ reference: node.child, path: place.path + node.path });
      } else {
        for (let index = 15; index >= 0; index--) {
          const child = node.children[index]!;
          if (child !== null)
            waiting.push({ reference: child, path: place.path + String.fromCharCode(index) });
        }
      }
    }
  }

  #fault(account: Hex | undefined, place: Place, found: string): void {
    const where =
      typeof place.reference === 'string'
        ? hexOfKey(place.reference)
        : `within the node at ${[...place.path].length}`;
    this.#visitor.fault?.({
      what: account === undefined ? 'state node' : 'storage node',
      where,
      ...(account === undefined ? {} : { account }),
      ...(typeof place.reference === 'string' ? { expected: where } : {}),
      found,
    });
  }

  /** Reads a place, and with it those that come next, so that one read of the store brings many. */
  async #open(
    place: Place,
    waiting: readonly Place[],
    read: Map<string, Uint8Array | undefined>,
    account: Hex | undefined,
  ): Promise<TrieNode | null> {
    if (typeof place.reference !== 'string') return place.reference;
    const hashKey = place.reference;
    if (!read.has(hashKey)) {
      const next = waiting
        .slice(-batchSize)
        .flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : []));
      const wanted = [...new Set([hashKey, ...next])].filter((each) => !read.has(each));
      const found = await this.#kv.getMany(wanted.map(storeKey.node));
      wanted.forEach((each, index) => {
        read.set(each, found[index]);
      });
      await this.#yieldTurn();
    }
    const encoded = read.get(hashKey);
    read.delete(hashKey);
    if (encoded === undefined) {
      this.#fault(account, place, 'nothing');
      return null;
    }
    const actual = hashKeyOf(encoded);
    if (actual !== hashKey) {
      this.#fault(account, place, hexOfKey(actual));
      return null;
    }
    if (this.#visitor.node?.(hashKey, encoded) === false) return null;
    return decodeNode(encoded);
  }
}
