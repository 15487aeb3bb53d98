/**
 * A live session's file, opened to be written: `ID.part`, preamble and records in index order.
 *
 * Opening it is recovery. The file may have been left by a process that died, so its tail may be torn: a record half
 * there, or there in length but not in content. Such a tail was never acknowledged and is cut off. What was acknowledged
 * and is not there is damage: then nothing is changed and the session is refused.
 */
import { Buffer } from 'node:buffer';
import { ChunkStoreError, PREAMBLE_SIZE_BYTES } from '@lucid/chunk-store';
import { AppendQueue } from './append-queue.ts';
import { openMark, readMark, writeMark } from './durable-mark.ts';
import {
  type FileSystem,
  isMissing,
  readFully,
  type StoreFile,
  syncFolder,
  toStoreError,
  unlinkIfThere,
  writeAll,
} from './file-system.ts';
import { findRecordHeader, hasUnwrittenSector, scanRecords } from './record-scan.ts';
import { RecordTable } from './record-table.ts';
import { preambleOf, type SessionPaths } from './session-paths.ts';

export interface LiveSession {
  readonly file: StoreFile;
  readonly table: RecordTable;
  readonly queue: AppendQueue;
  /** Bytes of torn tail that opening cut off; 0 when asked again. */
  takeDroppedBytes(): number;
  close(): Promise<void>;
}

async function hasPreamble(file: StoreFile, sessionId: string): Promise<boolean> {
  const found = new Uint8Array(PREAMBLE_SIZE_BYTES);
  await readFully(file, found, 0);
  return Buffer.compare(found, preambleOf(sessionId)) === 0;
}

/** Creates the file where there is none, or ends a creation that was interrupted; durable when it resolves. */
export async function createLiveFile(fs: FileSystem, paths: SessionPaths): Promise<void> {
  await (await fs.open(paths.part, 'a+', 0o600)).close();
  const file = await fs.open(paths.part, 'r+');
  try {
    const { size: sizeBytes } = await file.stat();
    if (sizeBytes <= PREAMBLE_SIZE_BYTES && !(await hasPreamble(file, paths.sessionId))) {
      // A mark left by a session of this id that was removed would make the new one look damaged.
      await unlinkIfThere(fs, paths.mark);
      await writeAll(file, [preambleOf(paths.sessionId)], 0);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(fs, paths.folder);
}

async function assertPreamble(file: StoreFile, { sessionId }: SessionPaths): Promise<void> {
  if (await hasPreamble(file, sessionId)) return;
  const { size: sizeBytes } = await file.stat();
  if (sizeBytes <= PREAMBLE_SIZE_BYTES) {
    throw new ChunkStoreError('session_unknown', { sessionId, detail: 'its creation did not end' });
  }
  throw new ChunkStoreError('store_damaged', { sessionId, detail: 'the preamble is not this session’s' });
}

/** Records of the live file that can be believed: whole, in order, and above the mark also written in every sector. */
export async function readLiveTable(
  file: StoreFile,
  options: { sessionId: string; knownRecords: number; keepRecords: number; limit: number },
): Promise<RecordTable> {
  const table = new RecordTable();
  const range = { sessionId: options.sessionId, from: PREAMBLE_SIZE_BYTES, limit: options.limit };
  for await (const record of scanRecords(file, range)) {
    if (table.length === options.keepRecords || record.index !== table.length) break;
    if (record.index >= options.knownRecords && (await hasUnwrittenSector(file, record))) break;
    table.push(record.offset, record.sizeBytes);
  }
  return table;
}

interface FoundTail {
  readonly sessionId: string;
  readonly table: RecordTable;
  /** Records that were acknowledged for certain; null where there is no mark. */
  readonly knownRecords: number | null;
  readonly keepRecords: number;
  readonly sizeBytes: number;
}

async function assertTailWasNeverAcknowledged(file: StoreFile, found: FoundTail): Promise<void> {
  const { sessionId, table, knownRecords, sizeBytes } = found;
  const where = { sessionId, index: table.length };
  const detail = `not a whole record at offset ${table.endOffset}`;
  if (table.length < (knownRecords ?? 0)) throw new ChunkStoreError('store_damaged', { ...where, detail });
  // Without a mark a later record is the only sign that this is the middle and not the end.
  if (knownRecords !== null || table.length === found.keepRecords) return;
  const later = await findRecordHeader(file, { sessionId, from: table.endOffset + 1, limit: sizeBytes });
  if (later >= 0) {
    throw new ChunkStoreError('store_damaged', {
      ...where,
      detail: `${detail}, but a later one at ${later}`,
    });
  }
}

async function recover(
  fs: FileSystem,
  file: StoreFile,
  paths: SessionPaths,
  durableRecords: number | undefined,
): Promise<{ table: RecordTable; droppedBytes: number }> {
  await assertPreamble(file, paths);
  const { sessionId } = paths;
  const { size: sizeBytes } = await file.stat();
  const knownRecords = durableRecords ?? (await readMark(fs, paths.mark));
  const keepRecords = durableRecords ?? Number.POSITIVE_INFINITY;
  const table = await readLiveTable(file, {
    sessionId,
    knownRecords: knownRecords ?? 0,
    keepRecords,
    limit: sizeBytes,
  });
  const droppedBytes = sizeBytes - table.endOffset;
  await assertTailWasNeverAcknowledged(file, { sessionId, table, knownRecords, sizeBytes, keepRecords });
  if (droppedBytes > 0) await file.truncate(table.endOffset);
  // Also what a killed writer left whole may not be on disk yet; from here on it counts as stored.
  await file.sync();
  return { table, droppedBytes };
}

/**
 * Opens, checks and repairs the file. `durableRecords`: this many were synced by this process before a failure; all
 * after them are cut off, whatever they look like.
 */
export async function openLiveSession(
  fs: FileSystem,
  paths: SessionPaths,
  durableRecords?: number,
): Promise<LiveSession> {
  const { sessionId } = paths;
  const file = await fs.open(paths.part, 'r+').catch((error) => {
    throw isMissing(error) ? new ChunkStoreError('session_unknown', { sessionId, cause: error }) : error;
  });
  try {
    const { table, droppedBytes } = await recover(fs, file, paths, durableRecords);
    const mark = await openMark(fs, paths.mark);
    const onDurable = (records: number) => writeMark(mark, records);
    await onDurable(table.length);
    const queue = new AppendQueue({ sessionId, file, table, onDurable });
    const close = async () => {
      await queue.drained();
      await Promise.all([file.close(), mark.close()]);
    };
    let untold = droppedBytes;
    const takeDroppedBytes = () => {
      const told = untold;
      untold = 0;
      return told;
    };
    return { file, table, queue, takeDroppedBytes, close };
  } catch (error) {
    await file.close();
    throw toStoreError(error, { sessionId, detail: 'opening the session failed' });
  }
}

/**
 * Trailer on, synced, then the new name. Dying before the rename leaves a live session with a tail that is cut off; the
 * session is then finished again.
 */
export async function finishLiveSession(
  fs: FileSystem,
  paths: SessionPaths,
  live: LiveSession,
  trailer: Uint8Array,
): Promise<void> {
  const { table, file } = live;
  await writeAll(file, [trailer], table.endOffset);
  await file.sync();
  await fs.rename(paths.part, paths.lucid);
  await syncFolder(fs, paths.folder);
  await unlinkIfThere(fs, paths.mark);
}
