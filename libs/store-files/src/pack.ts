/**
 * A live session's file in the hands of a bulk writer: worker threads write records straight into it, by positions that they
 * claim in index order. A pack left by a dead process is recovered by the store's `head`: the records in index order
 * from the start are kept, at least as many as the mark says, what follows is cut off.
 */
import { writeSync } from 'node:fs';
import { markBytes } from './durable-mark.ts';
import { toStoreError } from './file-system.ts';

export interface HandedPack {
  readonly path: string;
  readonly markPath: string;
  /** Records in the file; the next one has this index. */
  readonly records: number;
  /** Where the next record is to be written. */
  readonly endOffset: number;
}

/** Notes, after a sync, that records 0 to `records - 1` are durable and lie in index order from the start. @throws store_full, store_unavailable */
export function markPack(pack: { readonly markFd: number }, records: number): void {
  try {
    writeSync(pack.markFd, markBytes(records), 0, undefined, 0);
  } catch (error) {
    throw toStoreError(error, { detail: 'noting what is durable failed' });
  }
}
