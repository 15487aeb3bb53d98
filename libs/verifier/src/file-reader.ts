import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { BundleReader } from './byte-window.ts';
import { VerifyError } from './verdict.ts';

export interface FileReader extends BundleReader {
  close(): void;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a folder',
};

const unreadable = (path: string, cause: unknown): VerifyError => {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return new VerifyError('unreadable', `${path} cannot be read: ${reasons[code] ?? code}.`, { cause });
};

/**
 * Reads synchronously: a read of the page cache costs less than a hop to another thread, and hashing leaves nothing to do
 * meanwhile. @throws VerifyError unreadable
 */
export function openFileReader(path: string): FileReader {
  try {
    // Looked at before it is opened: to open a named pipe waits for its writer.
    if (!statSync(path).isFile())
      throw new VerifyError('unreadable', `${path} cannot be read: it is not a regular file.`);
    const file = openSync(path, 'r');
    return {
      sizeBytes: fstatSync(file).size,
      read: (into, position) => readSync(file, into, 0, into.length, position),
      close: () => closeSync(file),
    };
  } catch (error) {
    throw error instanceof VerifyError ? error : unreadable(path, error);
  }
}

/** A bundle that is in memory already. */
export const createBytesReader = (bytes: Uint8Array): BundleReader => ({
  sizeBytes: bytes.length,
  read(into, position) {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  },
});
