/**
 * Finds the records in a session file by their headers. Nothing is hashed here: whether a record is the right one is
 * the verifier's question, whether it is whole is this file's.
 */
import { Buffer } from 'node:buffer';
import { RECORD_HEADER_SIZE_BYTES, type RecordFrame, readRecordFrame } from '@lucid/chunk-store';
import { readFully, type StoreFile } from './file-system.ts';

/** Small records are found many per read; for large ones this costs less than the seek it replaces. */
const WINDOW_SIZE_BYTES = 16 * 1024;
const SECTOR_SIZE_BYTES = 512;
const ZERO_SECTOR = Buffer.alloc(SECTOR_SIZE_BYTES);

export interface FoundRecord extends RecordFrame {
  readonly offset: number;
}

/** Whole records of the session from `from` on, in file order; ends before the first thing that is not one, or at `limit`. */
export async function* scanRecords(
  file: StoreFile,
  range: { readonly sessionId: string; readonly from: number; readonly limit: number },
): AsyncGenerator<FoundRecord, void, undefined> {
  const window = new Uint8Array(WINDOW_SIZE_BYTES);
  let windowOffset = 0;
  let windowSize = 0;
  for (let offset = range.from; offset + RECORD_HEADER_SIZE_BYTES <= range.limit; ) {
    if (offset < windowOffset || offset + RECORD_HEADER_SIZE_BYTES > windowOffset + windowSize) {
      windowSize = await readFully(file, window, offset);
      windowOffset = offset;
    }
    const frame = readRecordFrame(window.subarray(0, windowSize), offset - windowOffset);
    if (frame === null || frame.sessionId !== range.sessionId || offset + frame.sizeBytes > range.limit)
      return;
    yield { ...frame, offset };
    offset += frame.sizeBytes;
  }
}

/**
 * True where a disk sector inside the record was never written: after a power cut a file can have its full length and
 * holes that read as zeros. Sealed payloads and JSON never hold 512 zero bytes.
 */
export async function hasUnwrittenSector(
  file: StoreFile,
  record: { offset: number; sizeBytes: number },
): Promise<boolean> {
  const bytes = Buffer.alloc(record.sizeBytes);
  if ((await readFully(file, bytes, record.offset)) < bytes.length) return true;
  const first = (SECTOR_SIZE_BYTES - (record.offset % SECTOR_SIZE_BYTES)) % SECTOR_SIZE_BYTES;
  for (let at = first; at + SECTOR_SIZE_BYTES <= bytes.length; at += SECTOR_SIZE_BYTES) {
    if (ZERO_SECTOR.equals(bytes.subarray(at, at + SECTOR_SIZE_BYTES))) return true;
  }
  return false;
}

/** Offset of a later record header of the session between `from` and `limit`, or -1. Its presence says that the middle is damaged. */
export async function findRecordHeader(
  file: StoreFile,
  range: { readonly sessionId: string; readonly from: number; readonly limit: number },
): Promise<number> {
  const needle = Buffer.from('LREC');
  const step = 1024 * 1024;
  const block = Buffer.alloc(step + RECORD_HEADER_SIZE_BYTES);
  for (let start = range.from; start < range.limit; start += step) {
    const size = await readFully(file, block.subarray(0, Math.min(block.length, range.limit - start)), start);
    const seen = block.subarray(0, size);
    for (let at = seen.indexOf(needle); at >= 0; at = seen.indexOf(needle, at + 1)) {
      if (readRecordFrame(seen, at)?.sessionId === range.sessionId) return start + at;
    }
  }
  return -1;
}
