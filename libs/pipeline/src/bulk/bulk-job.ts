/**
 * Sealing a file or a pipe in bulk: worker threads claim chunks from a shared counter, each reads, compresses, seals, hashes and
 * writes its chunk itself. No chunk byte crosses a thread; what crosses is one row a record.
 *
 * Shared words (Int32): next chunk number, stop flag, reader lock, end-of-stream flag, and the chunk whose turn it is to claim
 * its place. Shared position (BigInt64): where the next record is written in the pack. Places are claimed in the order of
 * the chunks, so records lie in index order and a pack left by a dead process is sound up to its first hole.
 */
import type { CodecName } from './codec-name.ts';

export interface BulkSource {
  readonly fd: number;
  /** Size of a regular file; null for a pipe, which is read to its end. */
  readonly sizeBytes: number | null;
}

export interface BulkJob {
  readonly source: BulkSource;
  readonly packFd: number;
  readonly sessionId: string;
  /** 32 bytes in shared memory; wiped by the owner when the job is over. */
  readonly sessionKey: Uint8Array;
  readonly track: number;
  readonly chunkSizeBytes: number;
  /** Record index of chunk 0. */
  readonly firstIndex: number;
  readonly codec: CodecName;
  readonly words: Int32Array;
  readonly position: BigInt64Array;
}

export const word = { nextChunk: 0, stop: 1, readerLock: 2, ended: 3, turn: 4 } as const;
export const WORDS = 5;

/** One written record. */
export interface BulkRow {
  readonly index: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly plainSizeBytes: number;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly leafHash: Uint8Array;
}

export const bulkFaults = [
  'source_unreadable',
  'source_changed',
  'store_full',
  'store_failed',
  'aborted',
  'worker_failed',
] as const;
export type BulkFault = (typeof bulkFaults)[number];

export type BulkMessage =
  | { readonly kind: 'rows'; readonly rows: readonly BulkRow[] }
  | { readonly kind: 'fault'; readonly fault: BulkFault; readonly detail: string };

export class BulkSealError extends Error {
  override readonly name = 'BulkSealError';
  readonly fault: BulkFault;
  constructor(fault: BulkFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
