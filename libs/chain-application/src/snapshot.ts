/**
 * Snapshots of the state of a block (ABCI ListSnapshots, LoadSnapshotChunk): RLP records in chunks of at most 1 MiB and one record.
 *
 *   [0, RLP of a header]                       headers behind the block, newest first: what BLOCKHASH needs, at most 256
 *   [1, RLP of the block]
 *   [2, hashed address, account RLP, code]     accounts in the order of their keys
 *   [3, hashed slot, value RLP]                slots of the account before, in the order of their keys
 *
 * Nothing in a snapshot is believed: who restores it checks every chunk against the manifest, the headers and the block against the
 * block's hash, and the state against the root that the header names. Only the block's hash must come from somebody trusted.
 */
import { createHash } from 'node:crypto';
import { encodeRlp, integerToBytes } from '@lucid/eth-proof';
import type { KvOperation } from '@lucid/kv-store';
import type { SnapshotManifest } from './application.ts';
import type { ChainStore } from './chain-store.ts';
import { ChainError } from './error.ts';
import { heightKey } from './node-store.ts';
import { bytesToHex, keyToBytes } from './values.ts';
import type { StateView } from './view.ts';
import { StateWalk } from './walk-state.ts';

export const snapshotFormat = 'lucid-state-snapshot/1';
export const recordKinds = { header: 0, block: 1, account: 2, slot: 3 } as const;
export const headersOfSnapshot = 256;
const chunkSizeBytes = 1024 * 1024;

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const manifestKey = (height: number): Uint8Array => heightKey('s', height);
const chunkKey = (height: number, index: number): Uint8Array => {
  const key = Buffer.alloc(12);
  key.set(heightKey('s', height));
  key[7] = 0x63;
  key.writeUInt32BE(index, 8);
  return Uint8Array.from(key);
};

type SnapshotRecord = readonly [kind: number, ...fields: Uint8Array[]];

class ChunkWriter {
  readonly #store: ChainStore;
  readonly #height: number;
  #records: Uint8Array[] = [];
  #size = 0;
  readonly chunks: string[] = [];
  sizeBytes = 0;

  constructor(store: ChainStore, height: number) {
    this.#store = store;
    this.#height = height;
  }

  async add([kind, ...fields]: SnapshotRecord): Promise<void> {
    const encoded = encodeRlp([integerToBytes(kind), ...fields]);
    this.#records.push(encoded);
    this.#size += encoded.length;
    if (this.#size >= chunkSizeBytes) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#records.length === 0) return;
    const chunk = Uint8Array.from(Buffer.concat(this.#records));
    this.#records = [];
    this.#size = 0;
    await this.#store.kv.batch(
      [{ type: 'put', key: chunkKey(this.#height, this.chunks.length), value: chunk }],
      { sync: false },
    );
    this.chunks.push(sha256Hex(chunk));
    this.sizeBytes += chunk.length;
  }
}

async function addHeaders(writer: ChunkWriter, store: ChainStore, height: number): Promise<void> {
  for (let at = height - 1; at >= 0 && at >= height - headersOfSnapshot; at--) {
    const header = await store.headerRlp(at);
    // A chain that was itself restored has no older ones.
    if (header === null) return;
    await writer.add([recordKinds.header, header]);
  }
}

/** The manifest is written last and durably: a crash before leaves chunks that nobody finds. */
export async function createSnapshot(
  store: ChainStore,
  view: StateView,
  yieldTurn: () => Promise<void>,
): Promise<SnapshotManifest> {
  const { header } = view.block;
  const height = Number(header.number);
  const blockRlp = await store.blockRlp(height);
  if (blockRlp === null) throw new ChainError('state_damaged', `block ${height} is missing`);
  const writer = new ChunkWriter(store, height);
  await addHeaders(writer, store, height);
  await writer.add([recordKinds.block, blockRlp]);
  const walk = new StateWalk(
    store.kv,
    {
      account: (key, account, code) =>
        writer.add([recordKinds.account, key, account, code ?? new Uint8Array(0)]),
      slot: (_, key, value) => writer.add([recordKinds.slot, key, value]),
      fault: (fault) => {
        throw new ChainError('state_damaged', `${fault.what} ${fault.where}`);
      },
    },
    yieldTurn,
  );
  await walk.walk(view.rootKey);
  await writer.flush();
  const manifest: SnapshotManifest = {
    format: snapshotFormat,
    height,
    blockHash: bytesToHex(header.hash()),
    stateRoot: bytesToHex(keyToBytes(view.rootKey)),
    headerRlp: bytesToHex(header.serialize()),
    sizeBytes: writer.sizeBytes,
    chunks: writer.chunks,
  };
  const value = new TextEncoder().encode(JSON.stringify(manifest));
  await store.kv.batch([{ type: 'put', key: manifestKey(height), value }], { sync: true });
  return manifest;
}

const readManifest = (value: Uint8Array): SnapshotManifest =>
  JSON.parse(Buffer.from(value).toString('utf8')) as SnapshotManifest;

/** Newest first. */
export async function listSnapshots(store: ChainStore): Promise<SnapshotManifest[]> {
  const manifests: SnapshotManifest[] = [];
  for await (const [key, value] of store.kv.iterate({
    gte: Buffer.from('s'),
    lt: Buffer.from('t'),
    reverse: true,
  }))
    if (key.length === manifestKey(0).length) manifests.push(readManifest(value));
  return manifests;
}

export async function readSnapshotChunk(
  store: ChainStore,
  height: number,
  index: number,
): Promise<Uint8Array> {
  const unknown = (): ChainError => new ChainError('snapshot_unknown', `height ${height}, chunk ${index}`);
  if (!Number.isSafeInteger(index) || index < 0 || index > 0xffffffff) throw unknown();
  const manifest = await store.kv.get(manifestKey(height));
  const chunk = manifest === undefined ? undefined : await store.kv.get(chunkKey(height, index));
  const expected = manifest === undefined ? undefined : readManifest(manifest).chunks[index];
  if (chunk === undefined || expected === undefined) throw unknown();
  if (sha256Hex(chunk) !== expected)
    throw new ChainError('state_damaged', `chunk ${index} of the snapshot of block ${height}`);
  return chunk;
}

export async function dropSnapshot(store: ChainStore, height: number): Promise<void> {
  const operations: KvOperation[] = [];
  for await (const [key] of store.kv.iterate({ gte: manifestKey(height), lt: manifestKey(height + 1) }))
    operations.push({ type: 'del', key: Uint8Array.from(key) });
  await store.kv.batch(operations, { sync: true });
}
