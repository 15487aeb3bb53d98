import { fdatasync } from 'node:fs';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  type BulkJob,
  type BulkMessage,
  type BulkRow,
  BulkSealError,
  type BulkSource,
  WORDS,
  word,
} from './bulk-job.ts';
import type { CodecName } from './codec-name.ts';

const sync = promisify(fdatasync);

/** Written but not yet synced bytes that start a sync; the workers go on meanwhile. */
const SYNC_EVERY_BYTES = 128 * 1024 * 1024;

export interface BulkSealOptions {
  /** Module that calls runBulkWorker with its workerData. */
  readonly workerUrl: URL;
  readonly workers: number;
  readonly source: BulkSource;
  /** The open pack, the position behind its last record, the index of the next one. */
  readonly pack: { readonly fd: number; readonly position: number; readonly nextIndex: number };
  readonly sessionId: string;
  readonly sessionKey: Uint8Array;
  readonly track: number;
  readonly chunkSizeBytes: number;
  readonly codec: CodecName;
  /** Called with rows in index order, without gap, once they are on disk. */
  readonly onDurable: (rows: readonly BulkRow[]) => Promise<void>;
  readonly onProgress?: (plainBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface BulkSealResult {
  readonly chunks: number;
  readonly plainBytes: number;
  /** Position behind the last record. */
  readonly position: number;
}

/** Puts rows that arrive from several workers back in order. */
class RowQueue {
  readonly #waiting = new Map<number, BulkRow>();
  #next: number;

  constructor(firstIndex: number) {
    this.#next = firstIndex;
  }

  add(rows: readonly BulkRow[]): void {
    for (const row of rows) this.#waiting.set(row.index, row);
  }

  takeInOrder(): BulkRow[] {
    const taken: BulkRow[] = [];
    for (let row = this.#waiting.get(this.#next); row; row = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      taken.push(row);
    }
    return taken;
  }
}

function shareKey(key: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(key.length));
  shared.set(key);
  return shared;
}

function createJob(options: BulkSealOptions): BulkJob {
  const position = new BigInt64Array(new SharedArrayBuffer(8));
  position[0] = BigInt(options.pack.position);
  return {
    source: { fd: options.source.fd, sizeBytes: options.source.sizeBytes },
    packFd: options.pack.fd,
    sessionId: options.sessionId,
    sessionKey: shareKey(options.sessionKey),
    track: options.track,
    chunkSizeBytes: options.chunkSizeBytes,
    firstIndex: options.pack.nextIndex,
    codec: options.codec,
    words: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
    position,
  };
}

/** Starts one worker; settles when it ended. */
function runWorker(url: URL, job: BulkJob, receive: (message: BulkMessage) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData: job, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    worker.on('message', receive);
    worker.once('error', (error) =>
      reject(new BulkSealError('worker_failed', error.message, { cause: error })),
    );
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new BulkSealError('worker_failed', `a worker ended with ${code}`)),
    );
  });
}

/**
 * Seals a whole source into the pack. Resolves when every record is on disk and was reported durable; rejects with
 * BulkSealError, or with what onDurable threw, after the workers have ended, and then only rows reported durable count.
 */
export async function bulkSeal(options: BulkSealOptions): Promise<BulkSealResult> {
  const job = createJob(options);
  const queue = new RowQueue(options.pack.nextIndex);
  const failures: unknown[] = [];
  let chunks = 0;
  let plainBytes = 0;
  let unsyncedBytes = 0;
  let syncing: Promise<void> | null = null;
  /** After a failed sync nobody knows what is on disk: nothing more may be reported durable. */
  let diskLost = false;

  const fail = (error: unknown) => {
    failures.push(error);
    Atomics.store(job.words, word.stop, 1);
  };
  const syncNow = async () => {
    if (diskLost) return;
    const rows = queue.takeInOrder();
    unsyncedBytes = 0;
    try {
      await sync(options.pack.fd);
      if (rows.length > 0) await options.onDurable(rows);
    } catch (error) {
      diskLost = true;
      const { code } = error as NodeJS.ErrnoException;
      fail(
        code === 'ENOSPC' || code === 'EDQUOT'
          ? new BulkSealError('store_full', (error as Error).message, { cause: error })
          : error,
      );
    }
  };
  const receive = (message: BulkMessage) => {
    if (message.kind === 'fault') return fail(new BulkSealError(message.fault, message.detail));
    queue.add(message.rows);
    for (const row of message.rows) {
      chunks++;
      plainBytes += row.plainSizeBytes;
      unsyncedBytes += row.sizeBytes;
    }
    options.onProgress?.(plainBytes);
    if (unsyncedBytes >= SYNC_EVERY_BYTES && !syncing) {
      syncing = syncNow().finally(() => {
        syncing = null;
      });
    }
  };
  const abort = () => fail(new BulkSealError('aborted', 'sealing was stopped'));
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const count =
      options.source.sizeBytes === null
        ? options.workers
        : Math.max(
            1,
            Math.min(options.workers, Math.ceil(options.source.sizeBytes / options.chunkSizeBytes)),
          );
    await Promise.all(
      Array.from({ length: count }, () => runWorker(options.workerUrl, job, receive).catch(fail)),
    );
    if (failures.length === 0 && Atomics.load(job.words, word.turn) !== chunks)
      fail(new BulkSealError('worker_failed', 'a worker did not report what it wrote'));
    await syncing;
    await syncNow();
  } finally {
    job.sessionKey.fill(0);
    options.signal?.removeEventListener('abort', abort);
  }
  if (failures.length > 0) throw failures[0];
  return { chunks, plainBytes, position: Number(job.position[0]) };
}
