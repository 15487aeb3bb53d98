/** The few file functions this store needs, passed in so that tests can make each of them fail. */
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  statfs,
  unlink,
} from 'node:fs/promises';
import { ChunkStoreError, type ChunkStoreErrorCode } from '@lucid/chunk-store';

export type StoreFile = Pick<FileHandle, 'writev' | 'read' | 'datasync' | 'sync' | 'truncate' | 'close'> & {
  stat(): Promise<{ readonly size: number }>;
};

export interface FileSystem {
  open(path: string, flags: string, mode?: number): Promise<StoreFile>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  /** Resolves where the path exists and, for `write`, may be written. */
  access(path: string, wish: 'exist' | 'write'): Promise<void>;
  mkdir(path: string): Promise<void>;
  sizeBytes(path: string): Promise<number>;
  /** Room that this user may still take on the file system of the path. */
  freeBytes(path: string): Promise<number>;
}

export const nodeFileSystem: FileSystem = {
  open: (path, flags, mode) => open(path, flags, mode),
  readFile: (path) => readFile(path),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  readdir: (path) => readdir(path),
  access: (path, wish) => access(path, wish === 'write' ? constants.W_OK : constants.F_OK),
  mkdir: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  sizeBytes: async (path) => (await stat(path)).size,
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

const CODES: Readonly<Record<string, ChunkStoreErrorCode>> = {
  ENOSPC: 'store_full',
  EDQUOT: 'store_full',
  EFBIG: 'store_full',
  EROFS: 'store_read_only',
  EACCES: 'store_read_only',
  EPERM: 'store_read_only',
};

/** By shape, not by class: an error out of another realm (a worker, a test runner) is no instance of this one's Error. */
const errnoOf = (error: unknown): string | undefined => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

export const isMissing = (error: unknown): boolean => errnoOf(error) === 'ENOENT';

/** A file error as the store's own; a ChunkStoreError, TypeError or RangeError stays what it is. */
export function toStoreError(error: unknown, where: { sessionId?: string; detail: string }): Error {
  if (error instanceof ChunkStoreError || error instanceof TypeError || error instanceof RangeError)
    return error;
  const errno = errnoOf(error);
  const code = (errno !== undefined && CODES[errno]) || 'store_unavailable';
  const detail = errno === undefined ? where.detail : `${where.detail}: ${errno}`;
  return new ChunkStoreError(code, { ...where, detail, cause: error });
}

/** What is left of the parts after their first `count` bytes; a short write is continued from there. */
function partsAfter(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip < part.length) rest.push(skip === 0 ? part : part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}

/** All parts, one after the other, from `position` on; one system call unless the system wrote short. */
export async function writeAll(
  file: StoreFile,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let at = position;
  let rest = partsAfter(parts, 0);
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at);
    if (bytesWritten === 0) throw new Error('the system wrote nothing');
    at += bytesWritten;
    rest = partsAfter(rest, bytesWritten);
  }
}

/** Fills `into` from `position` on; returns how many bytes the file had. */
export async function readFully(file: StoreFile, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Makes names in the folder (creations, renames, removals) durable. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function exists(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.access(path, 'exist');
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export async function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
