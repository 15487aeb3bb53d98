/**
 * A closed session's file: `ID.lucid`, whole with its trailer. Its records never change; its trailer may be replaced
 * (recipients, anchors), by way of a redo file:
 *
 *   1. the new trailer is written to a draft, synced, renamed to `ID.lucid.trailer`, the folder synced: from here on it counts
 *   2. the tail of `ID.lucid` is overwritten, cut to length, synced
 *   3. the redo file is removed
 *
 * Whoever finds a redo file repeats 2 and 3; a reader that may not write takes the trailer from it.
 */
import { Buffer } from 'node:buffer';
import {
  ChunkStoreError,
  FOOTER_SIZE_BYTES,
  PREAMBLE_SIZE_BYTES,
  readTrailerFooter,
} from '@lucid/chunk-store';
import {
  type FileSystem,
  isMissing,
  readFully,
  type StoreFile,
  syncFolder,
  unlinkIfThere,
  writeAll,
} from './file-system.ts';
import { type FoundRecord, scanRecords } from './record-scan.ts';
import { RecordTable } from './record-table.ts';
import type { SessionPaths } from './session-paths.ts';

export interface ClosedSession {
  readonly file: StoreFile;
  readonly table: RecordTable;
  trailer(): Promise<Uint8Array>;
  close(): Promise<void>;
}

const damaged = (sessionId: string, detail: string, index?: number): ChunkStoreError =>
  new ChunkStoreError('store_damaged', { sessionId, detail, ...(index === undefined ? {} : { index }) });

/** The trailer that waits, whole; null where none does. @throws store_damaged */
async function readRedo(fs: FileSystem, paths: SessionPaths): Promise<Uint8Array | null> {
  let trailer: Uint8Array;
  try {
    trailer = await fs.readFile(paths.redo);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const footer = readTrailerFooter(trailer);
  if (footer === null || footer.fileSizeBytes !== footer.recordsEndOffset + trailer.length)
    throw damaged(paths.sessionId, 'the waiting trailer is not whole');
  return trailer;
}

async function readTail(
  file: StoreFile,
  sessionId: string,
): Promise<{ recordsEndOffset: number; sizeBytes: number }> {
  const { size: sizeBytes } = await file.stat();
  const bytes = new Uint8Array(FOOTER_SIZE_BYTES);
  await readFully(file, bytes, Math.max(0, sizeBytes - FOOTER_SIZE_BYTES));
  const footer = readTrailerFooter(bytes);
  if (footer === null || footer.fileSizeBytes !== sizeBytes)
    throw damaged(sessionId, 'the file does not end in its footer');
  return { recordsEndOffset: footer.recordsEndOffset, sizeBytes };
}

/** Records may lie in any order, but must fill the record area and have all indexes from 0. */
async function readClosedTable(file: StoreFile, sessionId: string, endOffset: number): Promise<RecordTable> {
  const found: FoundRecord[] = [];
  let reached = PREAMBLE_SIZE_BYTES;
  for await (const record of scanRecords(file, { sessionId, from: reached, limit: endOffset })) {
    found.push(record);
    reached = record.offset + record.sizeBytes;
  }
  if (reached !== endOffset) throw damaged(sessionId, `not a record at offset ${reached}`);
  const table = new RecordTable();
  for (const record of found.sort((a, b) => a.index - b.index)) {
    if (record.index !== table.length)
      throw damaged(sessionId, 'a record is missing or doubled', table.length);
    table.push(record.offset, record.sizeBytes);
  }
  return table;
}

/** Opens for reading. @throws session_unknown, store_damaged */
export async function openClosedSession(fs: FileSystem, paths: SessionPaths): Promise<ClosedSession> {
  const { sessionId } = paths;
  const file = await fs.open(paths.lucid, 'r').catch((error) => {
    throw isMissing(error) ? new ChunkStoreError('session_unknown', { sessionId, cause: error }) : error;
  });
  try {
    const redo = await readRedo(fs, paths);
    const redoFooter = redo && readTrailerFooter(redo);
    const { recordsEndOffset } = redoFooter ?? (await readTail(file, sessionId));
    const table = await readClosedTable(file, sessionId, recordsEndOffset);
    const trailer = () => readTrailer(fs, file, paths);
    return { file, table, trailer, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readTrailer(fs: FileSystem, file: StoreFile, paths: SessionPaths): Promise<Uint8Array> {
  const redo = await readRedo(fs, paths);
  if (redo !== null) return redo;
  const { recordsEndOffset, sizeBytes } = await readTail(file, paths.sessionId);
  const bytes = Buffer.alloc(sizeBytes - recordsEndOffset);
  await readFully(file, bytes, recordsEndOffset);
  return new Uint8Array(bytes);
}

async function writeRedo(fs: FileSystem, paths: SessionPaths, trailer: Uint8Array): Promise<void> {
  const draft = await fs.open(paths.redoDraft, 'w', 0o600);
  try {
    await writeAll(draft, [trailer], 0);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await fs.rename(paths.redoDraft, paths.redo);
  await syncFolder(fs, paths.folder);
}

async function applyTrailer(fs: FileSystem, paths: SessionPaths, trailer: Uint8Array): Promise<void> {
  const footer = readTrailerFooter(trailer);
  if (footer === null) throw damaged(paths.sessionId, 'the trailer has no footer');
  const file = await fs.open(paths.lucid, 'r+');
  try {
    await writeAll(file, [trailer], footer.recordsEndOffset);
    await file.truncate(footer.fileSizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.unlink(paths.redo);
  await syncFolder(fs, paths.folder);
}

/** Replaces the trailer, whole or not at all; it must have been made for this record area (assertTrailer). */
export async function replaceTrailer(
  fs: FileSystem,
  paths: SessionPaths,
  trailer: Uint8Array,
): Promise<void> {
  await writeRedo(fs, paths, trailer);
  await applyTrailer(fs, paths, trailer);
}

/** Ends a replacement that was interrupted; true where there was one. */
export async function redoTrailer(fs: FileSystem, paths: SessionPaths): Promise<boolean> {
  await unlinkIfThere(fs, paths.redoDraft);
  const trailer = await readRedo(fs, paths);
  if (trailer === null) return false;
  try {
    await applyTrailer(fs, paths, trailer);
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    // The session was removed; only its redo file was left.
    await unlinkIfThere(fs, paths.redo);
    return false;
  }
}
