/**
 * Writing one session file from several worker threads: each claims a range at the end and writes there, without waiting for
 * the others. For bulk work that keeps its own account of order; everything is synchronous and meant for workers.
 *
 * A pack is the same `ID.part` that the chunk store writes, so a pack left by a dead process is recovered by the store's
 * `head`: the records in index order from the start are kept, at least as many as the mark says, what follows is cut
 * off. While a pack is open the store must not be asked to append to, repair or finish the session; file
 * descriptors are numbers of the process and may be sent to its workers.
 */
import { Buffer } from 'node:buffer';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { assertSessionId, assertTrailer, PREAMBLE_SIZE_BYTES } from '@lucid/chunk-store';
import { markBytes } from './durable-mark.ts';
import { partsAfter, toStoreError } from './file-system.ts';
import { preambleOf, sessionPaths } from './session-paths.ts';

export interface Pack {
  readonly sessionId: string;
  readonly folder: string;
  /** Opened for reading and writing. */
  readonly fd: number;
  readonly markFd: number;
  readonly path: string;
}

/** Where the first record of a pack begins, in bytes. */
export const FIRST_RECORD_OFFSET = PREAMBLE_SIZE_BYTES;

function attempt<R>(detail: string, work: () => R, sessionId?: string): R {
  try {
    return work();
  } catch (error) {
    throw toStoreError(error, sessionId === undefined ? { detail } : { sessionId, detail });
  }
}

function syncFolderSync(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates the file with its preamble, durably. @throws store_unavailable where the session's file exists already */
export function openPack(options: { readonly folder: string; readonly sessionId: string }): Pack {
  const { folder, sessionId } = options;
  assertSessionId(sessionId);
  return attempt(
    'creating the pack failed',
    () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { part, mark } = sessionPaths(folder, sessionId);
      const fd = openSync(part, 'wx+', 0o600);
      const markFd = openSync(mark, 'w+', 0o600);
      const pack: Pack = { sessionId, folder, fd, markFd, path: part };
      writePackParts(fd, [preambleOf(sessionId)], 0);
      markPack(pack, 0);
      fsyncSync(fd);
      syncFolderSync(folder);
      return pack;
    },
    sessionId,
  );
}

/**
 * Claims `sizeBytes` at the end of the record area and returns their offset. `next[0]` is the end of what is claimed,
 * set to FIRST_RECORD_OFFSET at the start, in memory all workers share.
 */
export function claimPackRange(next: BigInt64Array, sizeBytes: number): number {
  return Number(Atomics.add(next, 0, BigInt(sizeBytes)));
}

/** Writes all parts, one after the other, at `offset`. @throws store_full, store_unavailable */
export function writePackParts(fd: number, parts: readonly Uint8Array[], offset: number): void {
  attempt('writing to the pack failed', () => {
    let at = offset;
    let rest = partsAfter(parts, 0);
    while (rest.length > 0) {
      const written = writevSync(fd, rest, at);
      if (written === 0) throw new Error('the system wrote nothing');
      at += written;
      rest = partsAfter(rest, written);
    }
  });
}

/** Makes everything written so far durable; after it failed the pack must be given up. */
export function syncPack(fd: number): void {
  attempt('syncing the pack failed', () => fdatasyncSync(fd));
}

/** Notes, after a sync, that records 0 to `records - 1` are durable and lie in index order from the start. */
export function markPack(pack: Pick<Pack, 'markFd'>, records: number): void {
  writePackParts(pack.markFd, [Buffer.from(markBytes(records))], 0);
}

/** Trailer on, synced, renamed to `ID.lucid`; closes the pack. All writers must be done. Returns the file's path. */
export function finishPack(
  pack: Pack,
  options: { readonly recordsEndOffset: number; readonly trailer: Uint8Array },
): string {
  const { recordsEndOffset, trailer } = options;
  assertTrailer(trailer, recordsEndOffset);
  const { lucid, mark } = sessionPaths(pack.folder, pack.sessionId);
  return attempt(
    'closing the pack failed',
    () => {
      if (fstatSync(pack.fd).size > recordsEndOffset) ftruncateSync(pack.fd, recordsEndOffset);
      writePackParts(pack.fd, [trailer], recordsEndOffset);
      fsyncSync(pack.fd);
      renameSync(pack.path, lucid);
      syncFolderSync(pack.folder);
      rmSync(mark, { force: true });
      closePack(pack);
      return lucid;
    },
    pack.sessionId,
  );
}

/** Lets go of the descriptors; the file stays and is the store's to recover or remove. */
export function closePack(pack: Pack): void {
  closeSync(pack.fd);
  closeSync(pack.markFd);
}
