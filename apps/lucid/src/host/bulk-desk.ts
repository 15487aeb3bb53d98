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
  /** Where the next chunk of the track begins; null where the session is not open or has no such track. */
  nextOffset(sessionId: string, track: number): number | null;
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

/** Nothing was written. */
export class SealRefusedError extends Error {
  override readonly name = 'SealRefusedError';
  readonly code: 'session_not_open' | 'track_unknown' | 'track_not_empty';

  constructor(code: SealRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const MAX_WORKERS = 4;

export class BulkDesk {
  readonly #dependencies: { encryptor: BulkEncryptor; chunks: FilesChunkStore; codec: CodecChoice };
  readonly #running = new Map<string, { readonly abort: AbortController; readonly over: Promise<unknown> }>();

  constructor(dependencies: { encryptor: BulkEncryptor; chunks: FilesChunkStore; codec: CodecChoice }) {
    this.#dependencies = dependencies;
  }

  /** Whether a source can be sealed into this track now. Throws SealRefusedError. */
  assertSealable(sessionId: string, track: number): void {
    if (this.#running.has(sessionId))
      throw new SealRefusedError('session_not_open', 'the session is being sealed already');
    this.#borrowKey(sessionId, track);
  }

  /** Seals a whole source as a track of an open session. Throws SealRefusedError, BulkSealError. */
  async seal(request: BulkRequest): Promise<BulkSealResult> {
    const { sessionId, track, signal } = request;
    this.assertSealable(sessionId, track);
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

  /** The workers count a track's bytes from 0: only one without any can take what they write. */
  #borrowKey(sessionId: string, track: number): Uint8Array {
    const { encryptor } = this.#dependencies;
    const key = encryptor.borrowKey(sessionId);
    if (!key) throw new SealRefusedError('session_not_open', 'the session is not open');
    const bytes = encryptor.nextOffset(sessionId, track);
    if (bytes === null) throw new SealRefusedError('track_unknown', `the session has no track ${track}`);
    if (bytes > 0)
      throw new SealRefusedError(
        'track_not_empty',
        `track ${track} has ${bytes} bytes of the session already`,
      );
    return key;
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
    const sessionKey = this.#borrowKey(sessionId, track);
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
