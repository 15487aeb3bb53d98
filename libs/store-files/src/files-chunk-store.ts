/**
 * Chunks in files: one folder, one file per session, `ID.part` while it is live and `ID.lucid` when it is closed
 * (docs/evidence-format.md section 7). One process writes the folder; others may open it read-only. Reading never writes: repairs
 * are made by `open`, `head`, `append` and `finish` only.
 */
import { Buffer } from 'node:buffer';
import {
  assertRecord,
  assertSessionId,
  assertTrailer,
  type ChunkStore,
  ChunkStoreError,
  isChunkStoreError,
  isSessionId,
  joinParts,
  type SessionHead,
  type SessionLayout,
  type StoredSession,
} from '@lucid/chunk-store';
import { type ClosedSession, openClosedSession, redoTrailer, replaceTrailer } from './closed-session.ts';
import {
  exists,
  type FileSystem,
  isMissing,
  nodeFileSystem,
  readFully,
  type StoreFile,
  syncFolder,
  toStoreError,
  unlinkIfThere,
} from './file-system.ts';
import {
  createLiveFile,
  finishLiveSession,
  type LiveSession,
  openLiveSession,
  readLiveTable,
} from './live-session.ts';
import { OpenSessions } from './open-sessions.ts';
import type { HandedPack } from './pack.ts';
import type { RecordTable } from './record-table.ts';
import { type SessionPaths, sessionPaths } from './session-paths.ts';

/** Less than one chunk of the usual size: the next record may not fit. */
const LEAST_ROOM_BYTES = 1_048_576;

interface FilesChunkStoreOptions {
  /** The sessions folder; created where it is not. */
  readonly folder: string;
  /** Refuse every write with `store_read_only` and repair nothing; default false. */
  readonly readOnly?: boolean;
  /** Session files kept open at most; default 128. */
  readonly maxOpenSessions?: number;
}

interface FilesChunkStoreDependencies {
  readonly fs?: FileSystem;
}

interface Reading {
  readonly file: StoreFile;
  readonly table: RecordTable;
}

const DEFAULT_MAX_OPEN_SESSIONS = 128;

/** A damaged file is that session's fault alone, and a full disk passes: reading takes the waiting trailer meanwhile. */
function leaveWaiting(error: unknown): void {
  const failure = toStoreError(error, { detail: 'ending the exchange of a trailer failed' });
  if (!isChunkStoreError(failure, 'store_damaged') && !isChunkStoreError(failure, 'store_full'))
    throw failure;
}

/** Opens the folder and ends what a dead process left half-done on closed sessions. */
export async function openFilesChunkStore(
  options: FilesChunkStoreOptions,
  dependencies: FilesChunkStoreDependencies = {},
): Promise<FilesChunkStore> {
  const fs = dependencies.fs ?? nodeFileSystem;
  try {
    if (!options.readOnly) {
      await fs.mkdir(options.folder);
      for (const name of await fs.readdir(options.folder)) {
        const [sessionId, , third] = name.split('.');
        if (third === 'trailer' && sessionId && isSessionId(sessionId)) {
          await redoTrailer(fs, sessionPaths(options.folder, sessionId)).catch(leaveWaiting);
        }
      }
    }
  } catch (error) {
    throw toStoreError(error, { detail: 'opening the sessions folder failed' });
  }
  return new FilesChunkStore(options, fs);
}

export class FilesChunkStore implements ChunkStore {
  readonly kind = 'files';
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #fs: FileSystem;
  readonly #live: OpenSessions<LiveSession>;
  readonly #closed: OpenSessions<ClosedSession>;
  /** Sessions whose file failed under a write, with the number of records that had been synced before. */
  readonly #failed = new Map<string, number>();
  /** Sessions whose file a bulk writer has: opening it here would cut off what is being written. */
  readonly #handed = new Set<string>();

  constructor(options: FilesChunkStoreOptions, fs: FileSystem) {
    this.#folder = options.folder;
    this.#readOnly = options.readOnly ?? false;
    this.#fs = fs;
    this.#live = new OpenSessions(options.maxOpenSessions ?? DEFAULT_MAX_OPEN_SESSIONS);
    this.#closed = new OpenSessions(options.maxOpenSessions ?? DEFAULT_MAX_OPEN_SESSIONS);
  }

  create(sessionId: string): Promise<void> {
    return this.#run(sessionId, 'creating the session', async (paths) => {
      this.#assertWritable(sessionId);
      if (this.#live.has(sessionId)) return;
      if (await exists(this.#fs, paths.lucid)) throw new ChunkStoreError('session_finished', { sessionId });
      await createLiveFile(this.#fs, paths);
    });
  }

  append(sessionId: string, index: number, record: readonly Uint8Array[]): Promise<void> {
    return this.#run(sessionId, 'appending', async (paths) => {
      const sizeBytes = assertRecord(sessionId, index, record);
      this.#assertWritable(sessionId);
      this.#assertNotFailed(sessionId);
      await this.#useLive(paths, async (live) => {
        const { queue, table } = live;
        this.#assertNotHanded(sessionId);
        if (queue.failure) throw this.#refusal(sessionId, index, queue.failure);
        if (index > queue.claimed) throw new ChunkStoreError('record_out_of_order', { sessionId, index });
        if (index === queue.claimed) return this.#push(sessionId, live, record, sizeBytes);
        if (index >= table.length) await queue.drained();
        if (index >= table.length) throw this.#refusal(sessionId, index, queue.failure);
        return this.#compare(sessionId, index, record, live);
      });
    });
  }

  head(sessionId: string): Promise<SessionHead> {
    return this.#run(sessionId, 'finding the end of the session', async (paths) => {
      if (this.#failed.has(sessionId)) await this.#live.drop(sessionId);
      if (this.#readOnly || (!this.#live.has(sessionId) && (await exists(this.#fs, paths.lucid)))) {
        if (this.#failed.has(sessionId)) await this.#endFinishing(paths);
        return this.#useReading(paths, async ({ table }) => headOf(table, 0));
      }
      return this.#useLive(paths, async (live) => {
        this.#failed.delete(sessionId);
        await live.queue.drained();
        return headOf(live.table, live.takeDroppedBytes());
      });
    });
  }

  /**
   * Gives a live session's file to a bulk writer of this process, which appends whole records in index order behind
   * `endOffset` and keeps the mark (markPack). Until `takeBack` appending, finishing and the question for the head are refused
   * with `store_unavailable`; the store then reads the file anew.
   */
  handOver(sessionId: string): Promise<HandedPack> {
    return this.#run(sessionId, 'handing over the session', async (paths) => {
      this.#assertWritable(sessionId);
      this.#assertNotFailed(sessionId);
      // In one turn: whoever comes now is refused, whoever came before is waited for.
      const { live, dropped } = await this.#useLive(paths, async (opened) => {
        this.#handed.add(sessionId);
        return { live: opened, dropped: this.#live.drop(sessionId) };
      });
      try {
        await dropped;
        if (live.queue.failure) throw this.#refusal(sessionId, live.table.length, live.queue.failure);
      } catch (error) {
        this.#handed.delete(sessionId);
        throw error;
      }
      const { length: records, endOffset } = live.table;
      return { path: paths.part, markPath: paths.mark, records, endOffset };
    });
  }

  /** The bulk writer is done with the session's file, whether it succeeded or not. */
  takeBack(sessionId: string): void {
    this.#handed.delete(sessionId);
  }

  read(sessionId: string, index: number): Promise<Uint8Array> {
    return this.#run(sessionId, 'reading a record', (paths) =>
      this.#useReading(paths, (reading) => readRecord(sessionId, index, reading)),
    );
  }

  async *readRange(sessionId: string, from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let index = from; index < to; index += 1) yield await this.read(sessionId, index);
  }

  finish(sessionId: string, trailer: Uint8Array): Promise<{ path: string }> {
    return this.#run(sessionId, 'closing the session', async (paths) => {
      this.#assertWritable(sessionId);
      this.#assertNotFailed(sessionId);
      if (await exists(this.#fs, paths.lucid)) await this.#replaceTrailer(paths, trailer);
      else await this.#finishLive(paths, trailer);
      return { path: paths.lucid };
    });
  }

  layout(sessionId: string): Promise<SessionLayout> {
    return this.#run(sessionId, 'reading the layout', (paths) =>
      this.#useReading(paths, async ({ table }) => table.layout()),
    );
  }

  trailer(sessionId: string): Promise<Uint8Array | null> {
    return this.#run(sessionId, 'reading the trailer', async (paths) => {
      if (await exists(this.#fs, paths.lucid)) return this.#useClosed(paths, (closed) => closed.trailer());
      if (await exists(this.#fs, paths.part)) return null;
      throw new ChunkStoreError('session_unknown', { sessionId });
    });
  }

  async *list(): AsyncGenerator<StoredSession, void, undefined> {
    const names = await this.#fs.readdir(this.#folder).catch((error) => {
      throw toStoreError(error, { detail: 'listing the sessions folder failed' });
    });
    for (const name of names) {
      const [sessionId = '', extension, ...more] = name.split('.');
      if (more.length > 0 || !isSessionId(sessionId)) continue;
      if (extension === 'lucid' || extension === 'part') yield { sessionId, finished: extension === 'lucid' };
    }
  }

  remove(sessionId: string): Promise<void> {
    return this.#run(sessionId, 'removing the session', async (paths) => {
      this.#assertWritable(sessionId);
      await Promise.all([this.#live.drop(sessionId), this.#closed.drop(sessionId)]);
      for (const path of [paths.lucid, paths.part, paths.mark, paths.redo, paths.redoDraft]) {
        await unlinkIfThere(this.#fs, path);
      }
      await syncFolder(this.#fs, this.#folder);
      this.#failed.delete(sessionId);
    });
  }

  async check(): Promise<void> {
    try {
      await this.#fs.access(this.#folder, this.#readOnly ? 'exist' : 'write');
      if (!this.#readOnly && (await this.#fs.freeBytes(this.#folder)) < LEAST_ROOM_BYTES)
        throw new ChunkStoreError('store_full', { detail: 'the file system of the sessions folder is full' });
    } catch (error) {
      throw toStoreError(error, { detail: 'the sessions folder cannot be used' });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.dropAll(), this.#closed.dropAll()]);
  }

  async #run<R>(sessionId: string, doing: string, work: (paths: SessionPaths) => Promise<R>): Promise<R> {
    assertSessionId(sessionId);
    try {
      return await work(sessionPaths(this.#folder, sessionId));
    } catch (error) {
      throw toStoreError(error, { sessionId, detail: `${doing} failed` });
    }
  }

  #assertWritable(sessionId: string): void {
    if (this.#readOnly)
      throw new ChunkStoreError('store_read_only', { sessionId, detail: 'opened read-only' });
  }

  #assertNotFailed(sessionId: string): void {
    if (this.#failed.has(sessionId)) {
      throw new ChunkStoreError('store_unavailable', { sessionId, detail: 'an earlier write failed' });
    }
  }

  #assertNotHanded(sessionId: string): void {
    if (this.#handed.has(sessionId))
      throw new ChunkStoreError('store_unavailable', { sessionId, detail: 'a bulk writer has the session' });
  }

  #refusal(sessionId: string, index: number, cause: Error | null): ChunkStoreError {
    const finished = cause instanceof ChunkStoreError && cause.code === 'session_finished';
    return new ChunkStoreError(finished ? 'session_finished' : 'store_unavailable', {
      sessionId,
      index,
      cause,
    });
  }

  #useLive<R>(paths: SessionPaths, work: (live: LiveSession) => Promise<R>): Promise<R> {
    const open = async () => {
      this.#assertNotHanded(paths.sessionId);
      if (await exists(this.#fs, paths.lucid)) {
        throw new ChunkStoreError('session_finished', { sessionId: paths.sessionId });
      }
      return openLiveSession(this.#fs, paths, this.#failed.get(paths.sessionId));
    };
    return this.#live.use(paths.sessionId, open, work);
  }

  #useClosed<R>(paths: SessionPaths, work: (closed: ClosedSession) => Promise<R>): Promise<R> {
    return this.#closed.use(paths.sessionId, () => openClosedSession(this.#fs, paths), work);
  }

  async #useReading<R>(paths: SessionPaths, work: (reading: Reading) => Promise<R>): Promise<R> {
    const { sessionId } = paths;
    if (this.#live.has(sessionId)) return this.#useLive(paths, work);
    if (this.#closed.has(sessionId) || (await exists(this.#fs, paths.lucid)))
      return this.#useClosed(paths, work);
    let file: StoreFile;
    try {
      file = await this.#fs.open(paths.part, 'r');
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Either there is none, or its writer has just closed it.
      return this.#useClosed(paths, work);
    }
    try {
      const { size: limit } = await file.stat();
      const keepRecords = this.#failed.get(sessionId) ?? Number.POSITIVE_INFINITY;
      const table = await readLiveTable(file, { sessionId, knownRecords: keepRecords, keepRecords, limit });
      return await work({ file, table });
    } finally {
      await file.close();
    }
  }

  async #push(
    sessionId: string,
    live: LiveSession,
    record: readonly Uint8Array[],
    sizeBytes: number,
  ): Promise<void> {
    try {
      await live.queue.push(record, sizeBytes);
    } catch (error) {
      this.#failed.set(sessionId, live.table.length);
      throw error;
    }
  }

  async #compare(
    sessionId: string,
    index: number,
    record: readonly Uint8Array[],
    reading: Reading,
  ): Promise<void> {
    const stored = await readRecord(sessionId, index, reading);
    if (Buffer.compare(stored, joinParts(record)) !== 0) {
      throw new ChunkStoreError('record_conflict', { sessionId, index });
    }
  }

  async #replaceTrailer(paths: SessionPaths, trailer: Uint8Array): Promise<void> {
    await this.#useClosed(paths, async (closed) => {
      assertTrailer(trailer, closed.table.endOffset);
      await replaceTrailer(this.#fs, paths, trailer);
    });
  }

  /** What fails behind the rename of a finished file leaves it whole under its new name: the rest is done again. */
  async #endFinishing(paths: SessionPaths): Promise<void> {
    await syncFolder(this.#fs, this.#folder);
    await unlinkIfThere(this.#fs, paths.mark);
    this.#failed.delete(paths.sessionId);
  }

  async #finishLive(paths: SessionPaths, trailer: Uint8Array): Promise<void> {
    const { sessionId } = paths;
    await this.#useLive(paths, async (live) => {
      this.#assertNotHanded(sessionId);
      const finished = new ChunkStoreError('session_finished', { sessionId });
      await live.queue.seal(finished, () => assertTrailer(trailer, live.table.endOffset));
      try {
        await finishLiveSession(this.#fs, paths, live, trailer);
      } catch (error) {
        this.#failed.set(sessionId, live.table.length);
        throw error;
      }
    });
    await this.#live.drop(sessionId);
  }
}

const headOf = (table: RecordTable, droppedBytes: number): SessionHead => ({
  records: table.length,
  storedBytes: table.storedBytes,
  droppedBytes,
});

async function readRecord(sessionId: string, index: number, { file, table }: Reading): Promise<Uint8Array> {
  if (index < 0 || index >= table.length) throw new ChunkStoreError('record_missing', { sessionId, index });
  const bytes = new Uint8Array(table.size(index));
  if ((await readFully(file, bytes, table.offset(index))) < bytes.length) {
    throw new ChunkStoreError('store_damaged', { sessionId, index, detail: 'the file ends in this record' });
  }
  return bytes;
}
