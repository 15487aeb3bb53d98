/**
 * The durable mark: a 16-byte file beside a live session that says how many of its records were on disk when it was
 * last written. It is written after each sync and never synced itself, so it may be late but never early: what is below
 * it was acknowledged, and when that is broken it is damage, never a torn tail to be cut off.
 *
 *     records (8, big-endian) || their bitwise complement (8); anything else reads as "not known"
 */
import { Buffer } from 'node:buffer';
import { type FileSystem, isMissing, type StoreFile, writeAll } from './file-system.ts';

const MARK_SIZE_BYTES = 16;
const MASK = 0xffff_ffff_ffff_ffffn;

/** Records known to be durable, or null where the mark is absent or torn. */
export async function readMark(fs: FileSystem, path: string): Promise<number | null> {
  try {
    const bytes = Buffer.from(await fs.readFile(path));
    if (bytes.length !== MARK_SIZE_BYTES) return null;
    const records = bytes.readBigUInt64BE(0);
    return bytes.readBigUInt64BE(8) === (records ^ MASK) ? Number(records) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function markBytes(records: number): Uint8Array {
  const bytes = Buffer.alloc(MARK_SIZE_BYTES);
  bytes.writeBigUInt64BE(BigInt(records), 0);
  bytes.writeBigUInt64BE(BigInt(records) ^ MASK, 8);
  return new Uint8Array(bytes);
}

export const writeMark = (mark: StoreFile, records: number): Promise<void> =>
  writeAll(mark, [markBytes(records)], 0);

/** Opens the mark for writing, creating it where it is not. */
export async function openMark(fs: FileSystem, path: string): Promise<StoreFile> {
  try {
    return await fs.open(path, 'r+');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return fs.open(path, 'w+', 0o600);
  }
}
