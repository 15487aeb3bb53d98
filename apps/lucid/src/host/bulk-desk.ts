/**
 * Bulk sealing in the all-in-one host: the stages of chunker, encryptor and merkle-builder composed inside worker threads.
 * The services keep the say: the encryptor lends the key and takes over what was written, the chunk store hands over the
 * session's file and takes it back.
 */
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type BulkRow, type BulkSealResult, type BulkSource, bulkSeal } from '@lucid/pipeline';
import { type FilesChunkStore, type HandedPack, markPack } from '@lucid/store-files';
import type { CodecChoice } from '@lucid/zstd';

/** What the session-encryptor gives a host in the same process. */
export interface BulkEncryptor {
  borrowKey(sessionId: string): Uint8Array | null;
  adopt(sessionId: string, rows: readonly (BulkRow & { readonly track: number })[]): Promise<void>;
}

export interface BulkRequest {
  readonly sessionId: string;
  readonly source: BulkSource;
  readonly track: number;
  readonly chunkSizeBytes: number;
  readonly onProgress?: (plainBytes: number) => void;
  readonly signal?: AbortSignal;
}

export class SessionNotOpenError extends Error {
  override readonly name = 'SessionNotOpenError';
}

const MAX_WORKERS = 4;

export class BulkDesk {
  readonly #dependencies: { encryptor: BulkEncryptor; chunks: FilesChunkStore; codec: CodecChoice };
  readonly #running = new Map<string, { readonly abort: AbortController; readonly over: Promise<unknown> }>();

  constructor(dependencies: { encryptor: BulkEncryptor; chunks: FilesChunkStore; codec: CodecChoice }) {
    this.#dependencies = dependencies;
  }

  /** Seals a whole source as the next chunks of an open session. Throws SessionNotOpenError, BulkSealError. */
  async seal(request: BulkRequest): Promise<BulkSealResult> {
    const { sessionId, signal } = request;
    if (!this.#dependencies.encryptor.borrowKey(sessionId) || this.#running.has(sessionId))
      throw new SessionNotOpenError('the session is not open, or is being sealed already');
    const abort = new AbortController();
    const stop = () => abort.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const sealing = this.#seal({ ...request, signal: abort.signal }).finally(() => {
      signal?.removeEventListener('abort', stop);
      this.#running.delete(sessionId);
    });
    this.#running.set(sessionId, { abort, over: sealing.catch(() => {}) });
    return sealing;
  }

  /**
   * Stops what is being sealed of this session and waits until it is over: while workers write the session's file, nothing
   * else may be put into it.
   */
  async end(sessionId: string): Promise<void> {
    const running = this.#running.get(sessionId);
    running?.abort.abort();
    await running?.over;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((sessionId) => this.end(sessionId)));
  }

  async #seal(request: BulkRequest): Promise<BulkSealResult> {
    const { chunks } = this.#dependencies;
    const place = await chunks.handOver(request.sessionId);
    try {
      return await this.#sealInto(place, request);
    } finally {
      chunks.takeBack(request.sessionId);
    }
  }

  async #sealInto(place: HandedPack, request: BulkRequest): Promise<BulkSealResult> {
    const { sessionId, track } = request;
    const { encryptor, codec } = this.#dependencies;
    // Only now, for bulkSeal copies it in this turn: a key kept over a wait may have been wiped to zeros meanwhile.
    const sessionKey = encryptor.borrowKey(sessionId);
    if (!sessionKey) throw new SessionNotOpenError('the session is not open any more');
    const fds: number[] = [];
    const open = (path: string): number => {
      const fd = openSync(path, 'r+');
      fds.push(fd);
      return fd;
    };
    try {
      const fd = open(place.path);
      const markFd = open(place.markPath);
      return await bulkSeal({
        ...request,
        sessionKey,
        workerUrl: new URL('./seal-worker.mjs', import.meta.url),
        workers: Math.min(MAX_WORKERS, Math.max(2, availableParallelism())),
        pack: { fd, position: place.endOffset, nextIndex: place.records },
        codec,
        onDurable: async (rows) => {
          markPack({ markFd }, (rows.at(-1) as BulkRow).index + 1);
          await encryptor.adopt(
            sessionId,
            rows.map((row) => ({ ...row, track })),
          );
        },
      });
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  }
}
