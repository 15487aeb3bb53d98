/**
 * Restores a snapshot into an empty store (ABCI OfferSnapshot, ApplySnapshotChunk). Nodes and code become durable chunk by chunk; the
 * head marker, without which a store counts as empty, comes last, in one batch. After a crash the restoring begins anew.
 */
import { RLP } from '@ethereumjs/rlp';
import { decodeRlp } from '@lucid/eth-proof';
import { KvError, type KvOperation, type KvStore } from '@lucid/kv-store';
import { type AccountFields, decodeAccount, hasCode } from './account-rlp.ts';
import type { BlockHead, SnapshotManifest } from './application.ts';
import { type ChainConfig, createChainConfig } from './chain-config.ts';
import { ChainStore } from './chain-store.ts';
import { keccak256, loadCrypto } from './crypto.ts';
import { ChainError } from './error.ts';
import { parseGenesis } from './genesis.ts';
import { makeGenesis } from './genesis-block.ts';
import { decodeBlock } from './import-block.ts';
import { createPendingWrites, NodeStore, type PendingWrites, storeKey } from './node-store.ts';
import { headersOfSnapshot, recordKinds, sha256Hex, snapshotFormat } from './snapshot.ts';
import { emptyRootKey, Trie } from './trie.ts';
import { bytesEqual, bytesToHex, bytesToKey, type Hex, hexToBytes, keyToBytes } from './values.ts';

export interface RestoreSnapshotOptions {
  readonly store: KvStore;
  /** The chain's genesis.json. */
  readonly genesis: unknown;
  readonly manifest: SnapshotManifest;
  /** Hash of the block that the snapshot must be of, from somebody who is trusted. */
  readonly blockHash: Hex;
  readonly loadChunk: (index: number) => Promise<Uint8Array>;
}

const wrong = (what: string): ChainError => new ChainError('snapshot_invalid', what);

interface OpenAccount {
  readonly key: Uint8Array;
  readonly fields: AccountFields;
  readonly encoded: Uint8Array;
  readonly slots: (readonly [Uint8Array, Uint8Array])[];
  trie: Trie;
}

/** Slots that are put into a storage trie at once. */
const slotsAtOnce = 10_000;

class Restore {
  readonly #nodes: NodeStore;
  readonly #kv: KvStore;
  readonly #manifest: SnapshotManifest;
  readonly #config: ChainConfig;
  readonly #writes: PendingWrites = createPendingWrites();
  readonly #accounts: Trie;
  #finished: (readonly [Uint8Array, Uint8Array])[] = [];
  #open: OpenAccount | null = null;
  #lastKey: Uint8Array = new Uint8Array(0);
  #height: number;
  #parentHash: Uint8Array;
  #headers: KvOperation[] = [];
  #block: Uint8Array | null = null;

  constructor(kv: KvStore, manifest: SnapshotManifest, config: ChainConfig, headerParent: Uint8Array) {
    this.#kv = kv;
    this.#manifest = manifest;
    this.#config = config;
    this.#nodes = new NodeStore(kv, { cachedNodes: 30_000, cachedCodes: 10 });
    this.#accounts = new Trie(this.#nodes, emptyRootKey, this.#writes);
    this.#height = manifest.height;
    this.#parentHash = headerParent;
  }

  /** A header behind the block: each must be the one that the last one names as its parent. */
  #header(header: Uint8Array): void {
    if (this.#headers.length >= headersOfSnapshot || this.#block !== null)
      throw wrong('headers out of place');
    if (!bytesEqual(keccak256(header), this.#parentHash))
      throw wrong(`header ${this.#height - 1} is not the parent`);
    this.#height -= 1;
    const items = decodeRlp(header);
    if (!Array.isArray(items) || !(items[0] instanceof Uint8Array)) throw wrong('a header is no list');
    this.#parentHash = items[0];
    this.#headers.push({ type: 'put', key: storeKey.header(this.#height), value: header });
  }

  async #blockRecord(blockRlp: Uint8Array): Promise<void> {
    if (this.#block !== null) throw wrong('two blocks');
    const block = decodeBlock(blockRlp, this.#config);
    if (bytesToHex(block.hash()) !== this.#manifest.blockHash) throw wrong('the block is another one');
    if (!(await block.transactionsTrieIsValid())) throw wrong('the body of the block is another one');
    this.#block = blockRlp;
  }

  async #account(key: Uint8Array, encoded: Uint8Array, code: Uint8Array): Promise<void> {
    await this.#closeAccount();
    if (key.length !== 32 || Buffer.compare(this.#lastKey, key) >= 0) throw wrong('accounts out of order');
    this.#lastKey = key;
    const fields = decodeAccount(encoded);
    if (hasCode(fields)) {
      const codeKey = bytesToKey(fields.codeHash);
      if (bytesToKey(keccak256(code)) !== codeKey) throw wrong(`code of account ${bytesToHex(key)}`);
      this.#writes.codes.set(codeKey, code);
    }
    this.#open = { key, fields, encoded, slots: [], trie: new Trie(this.#nodes, emptyRootKey, this.#writes) };
  }

  async #flushSlots(account: OpenAccount): Promise<string> {
    await account.trie.update(account.slots);
    account.slots.length = 0;
    return account.trie.hash(this.#writes.nodes);
  }

  async #closeAccount(): Promise<void> {
    const account = this.#open;
    if (account === null) return;
    const root = await this.#flushSlots(account);
    if (root !== bytesToKey(account.fields.storageRoot))
      throw wrong(`storage of account ${bytesToHex(account.key)}`);
    this.#finished.push([account.key, account.encoded]);
    this.#open = null;
  }

  async #record(fields: readonly Uint8Array[]): Promise<void> {
    const [kindByte, first, second, third] = fields;
    const kind = kindByte?.[0] ?? 0;
    if (kindByte === undefined || first === undefined || kindByte.length > 1)
      throw wrong('a record has no kind');
    if (kind === recordKinds.header) this.#header(first);
    else if (kind === recordKinds.block) await this.#blockRecord(first);
    else if (kind === recordKinds.account && second && third) await this.#account(first, second, third);
    else if (kind === recordKinds.slot && second && this.#open !== null) {
      this.#open.slots.push([first, second]);
      if (this.#open.slots.length >= slotsAtOnce) await this.#flushSlots(this.#open);
    } else throw wrong('a record of unknown kind');
  }

  async chunk(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const { data, remainder } = RLP.decode(rest, true);
      if (!Array.isArray(data) || !data.every((field) => field instanceof Uint8Array))
        throw wrong('a record is no list');
      await this.#record(data as Uint8Array[]);
      rest = remainder;
    }
    await this.#accounts.update(this.#finished);
    this.#finished = [];
    this.#accounts.hash(this.#writes.nodes);
    if (this.#open !== null) await this.#flushSlots(this.#open);
    await this.#write();
  }

  async #write(): Promise<void> {
    const put = (key: Uint8Array, value: Uint8Array): KvOperation => ({ type: 'put', key, value });
    const { nodes, codes } = this.#writes;
    const operations = [
      ...[...nodes].map(([hash, node]) => put(storeKey.node(hash), node)),
      ...[...codes].map(([hash, code]) => put(storeKey.code(hash), code)),
      ...this.#headers,
    ];
    await this.#kv.batch(operations, { sync: false });
    nodes.clear();
    codes.clear();
  }

  /** The block, once the state is what its header says. */
  async finish(): Promise<Uint8Array> {
    await this.#closeAccount();
    await this.#accounts.update(this.#finished);
    const root = this.#accounts.hash(this.#writes.nodes);
    await this.#write();
    if (bytesToHex(keyToBytes(root)) !== this.#manifest.stateRoot)
      throw wrong('the state is not the one of the block');
    if (this.#block === null) throw wrong('the block is missing');
    return this.#block;
  }
}

/** Bytes that cannot be read are the snapshot's fault; what the store makes fail is not. */
async function judged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KvError || (cause instanceof ChainError && cause.code !== 'block_invalid'))
      throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ChainError('snapshot_invalid', what, { cause });
  }
}

/** Rejects with `snapshot_invalid`, `genesis_invalid`, or `genesis_conflict` where the store is not empty. */
export async function restoreSnapshot(options: RestoreSnapshotOptions): Promise<BlockHead> {
  await loadCrypto();
  const { manifest, store } = options;
  const genesis = parseGenesis(options.genesis);
  const config = createChainConfig(genesis.gethConfig);
  const chainStore = new ChainStore(store);
  if ((await chainStore.head()) !== null) throw new ChainError('genesis_conflict', 'the store is not empty');
  if (manifest.format !== snapshotFormat) throw wrong('its format is not known');
  const headerRlp = hexToBytes(manifest.headerRlp);
  if (bytesToHex(keccak256(headerRlp)) !== options.blockHash || manifest.blockHash !== options.blockHash)
    throw wrong('it is of another block');
  const header = decodeRlp(headerRlp) as Uint8Array[];
  const number = Number(BigInt(`0x${Buffer.from(header[8]!).toString('hex') || '0'}`));
  if (number !== manifest.height || bytesToHex(header[3]!) !== manifest.stateRoot)
    throw wrong('height or state root are not those of the header');
  const restore = new Restore(store, manifest, config, header[0]!);
  for (const [index, expected] of manifest.chunks.entries()) {
    const chunk = await options.loadChunk(index);
    if (sha256Hex(chunk) !== expected) throw wrong(`chunk ${index} is damaged`);
    await judged(() => restore.chunk(chunk));
  }
  const blockRlp = await judged(() => restore.finish());
  const head: BlockHead = {
    height: manifest.height,
    blockHash: manifest.blockHash,
    stateRoot: manifest.stateRoot,
    timestampSec: Number(BigInt(`0x${Buffer.from(header[11]!).toString('hex') || '0'}`)),
  };
  const first = await makeGenesis(
    genesis,
    config,
    new NodeStore(store, { cachedNodes: 1000, cachedCodes: 10 }),
  );
  const genesisHash = bytesToHex(first.block.hash());
  await chainStore.commit(
    { head, headerRlp, blockRlp, transactionHashes: [], pending: createPendingWrites() },
    [
      { type: 'put', key: storeKey.header(0), value: first.block.header.serialize() },
      { type: 'put', key: storeKey.block(0), value: first.block.serialize() },
      ChainStore.genesisOperation(genesisHash),
      ChainStore.oldestStateOperation(manifest.height),
    ],
  );
  return head;
}
