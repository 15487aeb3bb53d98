/**
 * The accounts, storage and code that one execution sees and changes: a journal in memory over the state trie of one root,
 * behind the interface that ethereumjs' EVM takes.
 *
 * Reads go through to the trie once and stay; writes stay in memory until `flush` puts them into the tries, each changed key once.
 * A checkpoint is a length of the undo list, so that taking, committing and reverting one costs what was changed since.
 */
import type { AccountFields as AccountChange, StateManagerInterface } from '@ethereumjs/common';
import type { Account, Address } from '@ethereumjs/util';
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import {
  type AccountFields,
  decodeAccount,
  emptyCodeHashBytes,
  encodeAccount,
  hasCode,
  toAccount,
} from './account-rlp.ts';
import { keccak256 } from './crypto.ts';
import { ChainError } from './error.ts';
import type { NodeStore, PendingWrites } from './node-store.ts';
import { emptyRootKey, Trie } from './trie.ts';
import { bytesToKey, keyToBytes } from './values.ts';

const NO_BYTES = new Uint8Array(0);
/** What `startAt` leaves in memory at most: accounts, and slots of all of them. */
const KEPT_ACCOUNTS = 2_000;
const KEPT_SLOTS = 5_000;

interface StorageArea {
  /** Root that the trie had when slots were last read from or written to it. */
  rootKey: string;
  trie: Trie | null;
  /** Values without leading zeros. */
  readonly slots: Map<string, Uint8Array>;
  readonly dirty: Set<string>;
}

const withoutLeadingZeros = (value: Uint8Array): Uint8Array => {
  let start = 0;
  while (start < value.length && value[start] === 0) start++;
  return start === 0 ? value : value.subarray(start);
};

export class ChainState implements StateManagerInterface {
  readonly #store: NodeStore;
  readonly #pending: PendingWrites | undefined;
  #trie: Trie;
  #rootKey: string;
  /** Undefined: not read yet; null: no such account. The objects are never handed out. */
  readonly #accounts = new Map<string, AccountFields | null>();
  readonly #dirtyAccounts = new Set<string>();
  readonly #areas = new Map<string, StorageArea>();
  readonly #codes = new Map<string, Uint8Array>();
  readonly #hashedAddresses = new Map<string, Uint8Array>();
  readonly #undo: (() => void)[] = [];
  readonly #checkpoints: number[] = [];
  #heldSlots = 0;
  /** Something was changed that the undo list does not know any more. */
  #isSettled = false;

  /** `pending` takes the nodes and codes that `flush` makes, and is looked at before the store. */
  constructor(store: NodeStore, rootKey: string, pending?: PendingWrites) {
    this.#store = store;
    this.#pending = pending;
    this.#rootKey = rootKey;
    this.#trie = new Trie(store, rootKey, pending);
  }

  // ------------------------------------------------------------------------------------------ accounts

  #hashedAddress(key: string, address: Uint8Array): Uint8Array {
    const known = this.#hashedAddresses.get(key);
    if (known !== undefined) return known;
    const hashed = keccak256(address);
    this.#hashedAddresses.set(key, hashed);
    return hashed;
  }

  #keepAccount(key: string, encoded: Uint8Array | null): AccountFields | null {
    let account: AccountFields | null;
    try {
      account = encoded === null ? null : decodeAccount(encoded);
    } catch (cause) {
      throw new ChainError('state_damaged', 'an account cannot be read', { cause });
    }
    this.#accounts.set(key, account);
    return account;
  }

  /** The account as it is held: to be read, not changed. Undefined where it takes a load. */
  #accountNow(key: string, address: Uint8Array): AccountFields | null | undefined {
    const held = this.#accounts.get(key);
    if (held !== undefined) return held;
    const encoded = this.#trie.getNow(this.#hashedAddress(key, address));
    return encoded === undefined ? undefined : this.#keepAccount(key, encoded);
  }

  /** The account as it is held: to be read, not changed. */
  async fields(address: Uint8Array): Promise<AccountFields | null> {
    const key = bytesToKey(address);
    const now = this.#accountNow(key, address);
    if (now !== undefined) return now;
    return this.#keepAccount(key, await this.#trie.get(this.#hashedAddress(key, address)));
  }

  async getAccount(address: Address): Promise<Account | undefined> {
    const key = bytesToKey(address.bytes);
    const now = this.#accountNow(key, address.bytes);
    const account = now === undefined ? await this.fields(address.bytes) : now;
    return account === null ? undefined : toAccount(account);
  }

  /** Sets an account that was read before, or null to remove it. */
  setFields(key: string, account: AccountFields | null): void {
    const before = this.#accounts.get(key);
    this.#accounts.set(key, account);
    this.#dirtyAccounts.add(key);
    this.#undo.push(() => {
      if (before === undefined) this.#accounts.delete(key);
      else this.#accounts.set(key, before);
      this.#dirtyAccounts.add(key);
    });
  }

  async putAccount(address: Address, account?: Account): Promise<void> {
    this.setFields(
      bytesToKey(address.bytes),
      account === undefined
        ? null
        : {
            nonce: account.nonce,
            balance: account.balance,
            storageRoot: account.storageRoot,
            codeHash: account.codeHash,
          },
    );
  }

  async deleteAccount(address: Address): Promise<void> {
    const key = bytesToKey(address.bytes);
    this.setFields(key, null);
    this.#setArea(key, this.#emptyArea());
  }

  async modifyAccountFields(address: Address, change: AccountChange): Promise<void> {
    const account = await this.fields(address.bytes);
    const blank = {
      nonce: 0n,
      balance: 0n,
      storageRoot: keyToBytes(emptyRootKey),
      codeHash: emptyCodeHashBytes,
    };
    this.setFields(bytesToKey(address.bytes), {
      nonce: change.nonce ?? account?.nonce ?? blank.nonce,
      balance: change.balance ?? account?.balance ?? blank.balance,
      storageRoot: change.storageRoot ?? account?.storageRoot ?? blank.storageRoot,
      codeHash: change.codeHash ?? account?.codeHash ?? blank.codeHash,
    });
  }

  // ------------------------------------------------------------------------------------------ code

  async putCode(address: Address, code: Uint8Array): Promise<void> {
    const codeHash = keccak256(code);
    if (code.length > 0) this.#codes.set(bytesToKey(codeHash), code);
    await this.modifyAccountFields(address, { codeHash });
  }

  async getCode(address: Address): Promise<Uint8Array> {
    const account = await this.fields(address.bytes);
    if (account === null || !hasCode(account)) return NO_BYTES;
    const hashKey = bytesToKey(account.codeHash);
    return this.#codes.get(hashKey) ?? this.#store.code(hashKey, this.#pending);
  }

  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  // ------------------------------------------------------------------------------------------ storage

  #emptyArea(): StorageArea {
    return { rootKey: emptyRootKey, trie: null, slots: new Map(), dirty: new Set() };
  }

  #setArea(key: string, area: StorageArea): void {
    const before = this.#areas.get(key);
    this.#areas.set(key, area);
    this.#dirtyAccounts.add(key);
    this.#undo.push(() => {
      if (before === undefined) this.#areas.delete(key);
      else this.#areas.set(key, before);
      this.#dirtyAccounts.add(key);
    });
  }

  async #area(address: Uint8Array): Promise<StorageArea> {
    const key = bytesToKey(address);
    const held = this.#areas.get(key);
    if (held !== undefined) return held;
    const account = await this.fields(address);
    const area = this.#emptyArea();
    if (account !== null) area.rootKey = bytesToKey(account.storageRoot);
    this.#areas.set(key, area);
    if (this.#dirtyAccounts.has(key)) this.#undo.push(() => this.#areas.delete(key));
    return area;
  }

  #areaTrie(area: StorageArea): Trie {
    area.trie ??= new Trie(this.#store, area.rootKey, this.#pending);
    return area.trie;
  }

  async getStorage(address: Address, slot: Uint8Array): Promise<Uint8Array> {
    const area = this.#areas.get(bytesToKey(address.bytes)) ?? (await this.#area(address.bytes));
    const slotKey = bytesToKey(slot);
    const held = area.slots.get(slotKey);
    if (held !== undefined) return held;
    const encoded = area.rootKey === emptyRootKey ? null : await this.#areaTrie(area).get(keccak256(slot));
    const value = encoded === null ? NO_BYTES : (decodeRlp(encoded) as Uint8Array);
    area.slots.set(slotKey, value);
    this.#heldSlots += 1;
    return value;
  }

  async putStorage(address: Address, slot: Uint8Array, value: Uint8Array): Promise<void> {
    const area = this.#areas.get(bytesToKey(address.bytes)) ?? (await this.#area(address.bytes));
    const slotKey = bytesToKey(slot);
    const before = area.slots.get(slotKey);
    const accountKey = bytesToKey(address.bytes);
    area.slots.set(slotKey, withoutLeadingZeros(value));
    area.dirty.add(slotKey);
    this.#dirtyAccounts.add(accountKey);
    this.#undo.push(() => {
      if (before === undefined) area.slots.delete(slotKey);
      else area.slots.set(slotKey, before);
      // What was not known before is read again; what was, may have been flushed since.
      if (before === undefined) area.dirty.delete(slotKey);
      else area.dirty.add(slotKey);
      this.#dirtyAccounts.add(accountKey);
    });
  }

  async clearStorage(address: Address): Promise<void> {
    this.#setArea(bytesToKey(address.bytes), this.#emptyArea());
  }

  // ------------------------------------------------------------------------------------------ checkpoints

  async checkpoint(): Promise<void> {
    this.#checkpoints.push(this.#undo.length);
  }

  async commit(): Promise<void> {
    this.#checkpoints.pop();
    // Nobody can go back behind the outermost checkpoint.
    if (this.#checkpoints.length > 0 || this.#undo.length === 0) return;
    this.#undo.length = 0;
    this.#isSettled = true;
  }

  async revert(): Promise<void> {
    const length = this.#checkpoints.pop() ?? 0;
    while (this.#undo.length > length) this.#undo.pop()!();
  }

  // ------------------------------------------------------------------------------------------ roots

  /** Storage root of an account after its changed slots are in its trie. */
  async #flushArea(area: StorageArea): Promise<string> {
    if (area.dirty.size === 0) return area.rootKey;
    const trie = this.#areaTrie(area);
    await trie.update(
      [...area.dirty].map((slotKey) => {
        const value = area.slots.get(slotKey)!;
        return [keccak256(keyToBytes(slotKey)), value.length === 0 ? null : encodeRlp(value)] as const;
      }),
    );
    area.dirty.clear();
    area.rootKey = trie.hash(this.#pending?.nodes);
    return area.rootKey;
  }

  async #flushAccount(key: string): Promise<readonly [Uint8Array, Uint8Array | null]> {
    const address = keyToBytes(key);
    const account = await this.fields(address);
    const hashed = this.#hashedAddress(key, address);
    if (account === null) return [hashed, null];
    const area = this.#areas.get(key);
    const storageRoot = area === undefined ? account.storageRoot : keyToBytes(await this.#flushArea(area));
    const codeKey = bytesToKey(account.codeHash);
    const code = this.#codes.get(codeKey);
    if (code !== undefined) this.#pending?.codes.set(codeKey, code);
    const flushed = { ...account, storageRoot };
    this.#accounts.set(key, flushed);
    return [hashed, encodeAccount(flushed)];
  }

  /** Puts all changes into the tries and gives the root as a map key; new nodes and codes go to `pending`. */
  async flush(): Promise<string> {
    if (this.#dirtyAccounts.size === 0) return this.#rootKey;
    this.#isSettled = true;
    const changes: (readonly [Uint8Array, Uint8Array | null])[] = [];
    for (const key of this.#dirtyAccounts) changes.push(await this.#flushAccount(key));
    this.#dirtyAccounts.clear();
    await this.#trie.update(changes);
    this.#rootKey = this.#trie.hash(this.#pending?.nodes);
    return this.#rootKey;
  }

  async getStateRoot(): Promise<Uint8Array> {
    return keyToBytes(await this.flush());
  }

  /** Forgets all that was read and changed. */
  async setStateRoot(root: Uint8Array): Promise<void> {
    this.#rootKey = bytesToKey(root);
    this.#trie = new Trie(this.#store, this.#rootKey, this.#pending);
    this.clearCaches();
  }

  /**
   * As `setStateRoot`; where it is the same root again, what was read of it stays in memory, and what was changed since is taken back.
   */
  async startAt(rootKey: string): Promise<void> {
    const isKnown = rootKey === this.#rootKey && !this.#isSettled;
    if (!isKnown || this.#accounts.size > KEPT_ACCOUNTS || this.#heldSlots > KEPT_SLOTS) {
      await this.setStateRoot(keyToBytes(rootKey));
      return;
    }
    while (this.#undo.length > 0) this.#undo.pop()!();
    this.#checkpoints.length = 0;
    this.#codes.clear();
    this.originalStorageCache.clear();
    if (this.#dirtyAccounts.size === 0) return;
    for (const key of this.#dirtyAccounts) this.#areas.get(key)?.dirty.clear();
    this.#dirtyAccounts.clear();
  }

  async hasStateRoot(root: Uint8Array): Promise<boolean> {
    return this.#store.has(bytesToKey(root));
  }

  /** How many accounts are held: what `clearCaches` would free. */
  get heldAccounts(): number {
    return this.#accounts.size;
  }

  clearCaches(): void {
    for (const held of [this.#accounts, this.#dirtyAccounts, this.#areas, this.#codes, this.#hashedAddresses])
      held.clear();
    this.#undo.length = 0;
    this.#checkpoints.length = 0;
    this.#heldSlots = 0;
    this.#isSettled = false;
    this.originalStorageCache.clear();
  }

  shallowCopy(): StateManagerInterface {
    return new ChainState(this.#store, this.#rootKey, this.#pending);
  }

  getAppliedKey(address: Uint8Array): Uint8Array {
    return keccak256(address);
  }

  // ------------------------------------------------------------------------------------------ original values

  readonly #originals = new Map<string, Uint8Array>();

  /** Values of slots as they were when the transaction began (EIP-2200): the first one that was asked for. */
  readonly originalStorageCache = {
    get: async (address: Address, slot: Uint8Array): Promise<Uint8Array> => {
      const key = bytesToKey(address.bytes) + bytesToKey(slot);
      const known = this.#originals.get(key);
      if (known !== undefined) return known;
      const value = await this.getStorage(address, slot);
      this.#originals.set(key, value);
      return value;
    },
    clear: (): void => {
      this.#originals.clear();
    },
  };
}
