/** Snapshots between validators: taken after blocks, offered, and restored into an empty store from chunks that CometBFT brings. */
import { createHash } from 'node:crypto';
import { chunkResult, offerResult, type RequestOf, type ResponseOf, type Snapshot } from '@lucid/abci-server';
import {
  bytesToHex,
  type ChainApplication,
  ChainError,
  type Hex,
  restoreSnapshot,
  type SnapshotManifest,
} from '@lucid/chain-application';
import type { KvStore } from '@lucid/kv-store';
import { ChainAbciError } from './error.ts';
import type { HeightRecord, HeightRecords } from './height-records.ts';

/** CometBFT's number of `lucid-state-snapshot/1`. */
export const snapshotFormat = 1;
/** Older ones are dropped: somebody may still be loading the one before the newest. */
const keptSnapshots = 2;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** A snapshot is known by the hash of its manifest, which names the hash of each chunk. */
function describe(manifest: SnapshotManifest, height: number): Snapshot {
  const metadata = new TextEncoder().encode(JSON.stringify(manifest));
  return { height, format: snapshotFormat, chunks: manifest.chunks.length, hash: sha256(metadata), metadata };
}

/** Takes a snapshot of the committed head, which is `of` when this is called. */
export async function takeSnapshot(
  chain: ChainApplication,
  records: HeightRecords,
  of: HeightRecord,
): Promise<void> {
  const { height: block } = await chain.createSnapshot();
  if (block === of.block) await records.writeSnapshot(of);
  for (const old of (await chain.listSnapshots()).slice(keptSnapshots)) {
    await chain.dropSnapshot(old.height);
    await records.dropSnapshot(old.height);
  }
}

export async function listSnapshots(chain: ChainApplication, records: HeightRecords): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const manifest of await chain.listSnapshots()) {
    const height = await records.snapshotHeight(manifest.height);
    if (height !== null) snapshots.push(describe(manifest, height));
  }
  return snapshots;
}

/** Empty where it is not there (any more): CometBFT asks somebody else. */
export async function loadChunk(
  chain: ChainApplication,
  records: HeightRecords,
  request: RequestOf<'loadSnapshotChunk'>,
): Promise<Uint8Array> {
  for (const manifest of await chain.listSnapshots()) {
    if ((await records.snapshotHeight(manifest.height)) !== request.height) continue;
    return chain.snapshotChunk(manifest.height, request.chunk).catch((error: unknown) => {
      if (error instanceof ChainError && error.code === 'snapshot_unknown') return new Uint8Array(0);
      throw error;
    });
  }
  return new Uint8Array(0);
}

/** What a snapshot says of itself; null where it is none. Its truth is judged when it is restored. */
function readManifest({ metadata, hash, chunks }: Snapshot): SnapshotManifest | null {
  if (Buffer.compare(sha256(metadata), hash) !== 0) return null;
  try {
    const manifest = JSON.parse(Buffer.from(metadata).toString('utf8')) as SnapshotManifest;
    const sound =
      Array.isArray(manifest.chunks) &&
      manifest.chunks.length === chunks &&
      chunks > 0 &&
      typeof manifest.headerRlp === 'string' &&
      Number.isSafeInteger(manifest.height);
    return sound ? manifest : null;
  } catch {
    return null;
  }
}

interface Restoring {
  readonly height: number;
  readonly manifest: SnapshotManifest;
  /** Settles with the restoring as a whole. */
  readonly done: Promise<'restored' | 'rejected'>;
  /** Hands the chunk that is awaited over; then awaits that the next one is wanted, or all is over. */
  readonly hand: (chunk: Uint8Array) => Promise<void>;
}

const deferred = <T>() => {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

export interface RestoreOptions {
  readonly store: KvStore;
  readonly genesis: unknown;
  readonly records: HeightRecords;
}

/** One snapshot at a time is restored. */
export class SnapshotRestore {
  readonly #options: RestoreOptions;
  #restoring: Restoring | null = null;

  constructor(options: RestoreOptions) {
    this.#options = options;
  }

  /** `appHash` is believed: CometBFT's light client verified it. */
  async offer({ snapshot, appHash }: RequestOf<'offerSnapshot'>): Promise<ResponseOf<'offerSnapshot'>> {
    if (snapshot === undefined) return { result: offerResult.reject };
    if (snapshot.format !== snapshotFormat) return { result: offerResult.rejectFormat };
    const manifest = readManifest(snapshot);
    if (manifest === null || manifest.blockHash !== bytesToHex(appHash))
      return { result: offerResult.reject };
    this.#restoring = this.#begin(manifest, snapshot.height, bytesToHex(appHash));
    return { result: offerResult.accept };
  }

  #begin(manifest: SnapshotManifest, height: number, blockHash: Hex): Restoring {
    const { store, genesis } = this.#options;
    let wanted = deferred<void>();
    let handed = deferred<Uint8Array>();
    const done = restoreSnapshot({
      store,
      genesis,
      manifest,
      blockHash,
      loadChunk: () => {
        const chunk = handed.promise;
        wanted.resolve();
        return chunk;
      },
    }).then(
      () => 'restored' as const,
      (error: unknown) => {
        if (error instanceof ChainError && error.code === 'snapshot_invalid') return 'rejected' as const;
        throw error;
      },
    );
    done.catch(() => undefined);
    const hand = async (chunk: Uint8Array): Promise<void> => {
      await Promise.race([wanted.promise, done]);
      const { resolve } = handed;
      wanted = deferred();
      handed = deferred();
      resolve(chunk);
      await Promise.race([wanted.promise, done]);
    };
    return { height, manifest, done, hand };
  }

  /** A damaged chunk is asked for anew, from somebody else. */
  async apply({
    index,
    chunk,
    sender,
  }: RequestOf<'applySnapshotChunk'>): Promise<ResponseOf<'applySnapshotChunk'>> {
    const restoring = this.#restoring;
    if (restoring === null) throw new ChainAbciError('no_restore', `chunk ${index} belongs to none`);
    const { chunks } = restoring.manifest;
    if (sha256(chunk).toString('hex') !== chunks[index])
      return { result: chunkResult.retry, rejectSenders: [sender] };
    await restoring.hand(chunk);
    if (index < chunks.length - 1) return { result: chunkResult.accept };
    this.#restoring = null;
    if ((await restoring.done) === 'rejected') return { result: chunkResult.rejectSnapshot };
    const { height, manifest } = restoring;
    await this.#options.records.write({ height, block: manifest.height });
    return { result: chunkResult.accept };
  }
}
