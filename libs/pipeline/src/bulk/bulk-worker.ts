import { randomFillSync } from 'node:crypto';
import { readSync, writevSync } from 'node:fs';
import { NONCE_BYTES } from '@lucid/session-format';
import { openZstd } from '@lucid/zstd';
import { type ChunkCodec, packChunk, packScratchBytes } from '../pack-chunk.ts';
import { sealChunk } from '../seal-chunk.ts';
import {
  type BulkFault,
  type BulkJob,
  type BulkMessage,
  type BulkRow,
  BulkSealError,
  word,
} from './bulk-job.ts';

const ROWS_PER_MESSAGE = 16;
/** A pipe with nothing in it is asked again soon at first (64 KiB a turn are 1 GB/s), then ever more seldom. */
const FIRST_RETRY_MS = 0.05;
const LAST_RETRY_MS = 5;
/** How often a waiting worker looks whether the job was stopped. */
const TURN_PATIENCE_MS = 50;

interface Claim {
  readonly chunk: number;
  readonly sizeBytes: number;
}

const nowUs = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);

/** Reads until `into` is full, the source ends or the job is stopped. A pipe that is not ready yet is asked again. */
function readFully(job: BulkJob, into: Uint8Array, position: number | null, pause: Int32Array): number {
  const { fd } = job.source;
  let size = 0;
  let waitMs = FIRST_RETRY_MS;
  while (size < into.length && !Atomics.load(job.words, word.stop)) {
    try {
      const read = readSync(fd, into, size, into.length - size, position === null ? null : position + size);
      if (read === 0) break;
      size += read;
      waitMs = FIRST_RETRY_MS;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') break;
      if (code !== 'EAGAIN')
        throw new BulkSealError('source_unreadable', (error as Error).message, { cause: error });
      Atomics.wait(pause, 0, 0, waitMs);
      waitMs = Math.min(waitMs * 2, LAST_RETRY_MS);
    }
  }
  // What a stopped job read is not written: the pack may be closed by now.
  if (Atomics.load(job.words, word.stop)) throw new BulkSealError('aborted', 'sealing was stopped');
  return size;
}

/** A file's chunks lie where their number says: any worker reads any of them. */
function claimFromFile(job: BulkJob, sizeBytes: number, into: Uint8Array, pause: Int32Array): Claim | null {
  const chunk = Atomics.add(job.words, word.nextChunk, 1);
  const position = chunk * job.chunkSizeBytes;
  if (position >= sizeBytes) return null;
  const wanted = Math.min(job.chunkSizeBytes, sizeBytes - position);
  const read = readFully(job, into.subarray(0, wanted), position, pause);
  if (read < wanted)
    throw new BulkSealError(
      'source_changed',
      `the file became shorter while it was sealed, at byte ${position + read}`,
    );
  return { chunk, sizeBytes: read };
}

/** A pipe has one reader at a time; who holds the lock takes the next chunk and its number. */
function claimFromPipe(job: BulkJob, into: Uint8Array, pause: Int32Array): Claim | null {
  while (Atomics.compareExchange(job.words, word.readerLock, 0, 1) !== 0) {
    // A worker that died with the lock never gives it back; its death stops the job.
    if (Atomics.load(job.words, word.stop)) return null;
    Atomics.wait(job.words, word.readerLock, 1, TURN_PATIENCE_MS);
  }
  try {
    if (Atomics.load(job.words, word.ended) || Atomics.load(job.words, word.stop)) return null;
    const sizeBytes = readFully(job, into, null, pause);
    if (sizeBytes < into.length) Atomics.store(job.words, word.ended, 1);
    return sizeBytes === 0 ? null : { chunk: Atomics.add(job.words, word.nextChunk, 1), sizeBytes };
  } finally {
    Atomics.store(job.words, word.readerLock, 0);
    Atomics.notify(job.words, word.readerLock, 1);
  }
}

function writeFully(fd: number, parts: readonly Uint8Array[], sizeBytes: number, position: number): void {
  let pending = [...parts];
  let at = position;
  const end = position + sizeBytes;
  try {
    while (at < end) {
      const written = writevSync(fd, pending, at);
      at += written;
      if (at < end) pending = dropBytes(pending, written);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fault: BulkFault = code === 'ENOSPC' || code === 'EDQUOT' ? 'store_full' : 'store_failed';
    throw new BulkSealError(fault, (error as Error).message, { cause: error });
  }
}

function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let rest = count;
  return parts.flatMap((part) => {
    const skipped = Math.min(rest, part.length);
    rest -= skipped;
    return skipped === part.length ? [] : [part.subarray(skipped)];
  });
}

/** Waits for the chunk's turn, then claims room for its record. Whoever stops the job wakes those who wait. */
function claimPlace(job: BulkJob, chunk: number, sizeBytes: number): number {
  if (Atomics.load(job.words, word.stop)) throw new BulkSealError('aborted', 'sealing was stopped');
  for (
    let turn = Atomics.load(job.words, word.turn);
    turn !== chunk;
    turn = Atomics.load(job.words, word.turn)
  ) {
    if (Atomics.load(job.words, word.stop)) throw new BulkSealError('aborted', 'sealing was stopped');
    Atomics.wait(job.words, word.turn, turn, TURN_PATIENCE_MS);
  }
  const offset = Number(Atomics.add(job.position, 0, BigInt(sizeBytes)));
  Atomics.add(job.words, word.turn, 1);
  Atomics.notify(job.words, word.turn);
  return offset;
}

interface Desk {
  readonly codec: ChunkCodec;
  readonly plain: Uint8Array;
  readonly scratch: Uint8Array;
}

function sealOne(job: BulkJob, desk: Desk, { chunk, sizeBytes }: Claim, fromUs: number): BulkRow {
  const plain = desk.plain.subarray(0, sizeBytes);
  const untilUs = nowUs();
  const index = job.firstIndex + chunk;
  const record = sealChunk(job.sessionKey, {
    sessionId: job.sessionId,
    index,
    track: job.track,
    fromUs,
    untilUs,
    plainOffset: chunk * job.chunkSizeBytes,
    plainSizeBytes: sizeBytes,
    ...packChunk(desk.codec, plain, desk.scratch),
    nonce: randomFillSync(new Uint8Array(NONCE_BYTES)),
  });
  const offset = claimPlace(job, chunk, record.sizeBytes);
  writeFully(job.packFd, record.parts, record.sizeBytes, offset);
  return {
    index,
    offset,
    sizeBytes: record.sizeBytes,
    plainSizeBytes: sizeBytes,
    fromUs,
    untilUs,
    leafHash: record.leafHash,
  };
}

/** The loop of one worker thread; returns when the source is used up or another worker failed. */
export async function runBulkWorker(job: BulkJob, post: (message: BulkMessage) => void): Promise<void> {
  let rows: BulkRow[] = [];
  const flush = () => {
    if (rows.length > 0) post({ kind: 'rows', rows });
    rows = [];
  };
  try {
    const desk: Desk = {
      codec: await openZstd(job.codec),
      plain: Buffer.allocUnsafeSlow(job.chunkSizeBytes),
      scratch: Buffer.allocUnsafeSlow(packScratchBytes(job.chunkSizeBytes)),
    };
    const pause = new Int32Array(new SharedArrayBuffer(4));
    const { sizeBytes } = job.source;
    while (!Atomics.load(job.words, word.stop)) {
      const fromUs = nowUs();
      const claim =
        sizeBytes === null
          ? claimFromPipe(job, desk.plain, pause)
          : claimFromFile(job, sizeBytes, desk.plain, pause);
      if (!claim) break;
      rows.push(sealOne(job, desk, claim, fromUs));
      if (rows.length >= ROWS_PER_MESSAGE) flush();
    }
  } catch (error) {
    Atomics.store(job.words, word.stop, 1);
    const fault = error instanceof BulkSealError ? error.fault : 'worker_failed';
    // Who stopped the job says why; the workers that notice it do not.
    if (fault !== 'aborted') post({ kind: 'fault', fault, detail: (error as Error).message });
  }
  flush();
}
