/**
 * The part of a trailer that a store may read: its footer (docs/evidence-format.md section 7), which says where the
 * record area ends. It makes a trailer self-describing, so an interrupted replacement can be done again.
 */
import { Buffer } from 'node:buffer';

export const FOOTER_SIZE_BYTES = 64;
const FOOTER_MAGIC = Buffer.from('LUCIDEND', 'latin1');

export interface TrailerFooter {
  /** Where the first section begins: the end of the record area. */
  readonly recordsEndOffset: number;
  readonly fileSizeBytes: number;
}

/** The footer at the end of `bytes`, or null where there is none. */
export function readTrailerFooter(bytes: Uint8Array): TrailerFooter | null {
  if (bytes.length < FOOTER_SIZE_BYTES) return null;
  const footer = Buffer.from(
    bytes.buffer,
    bytes.byteOffset + bytes.length - FOOTER_SIZE_BYTES,
    FOOTER_SIZE_BYTES,
  );
  if (!footer.subarray(0, 8).equals(FOOTER_MAGIC)) return null;
  const recordsEndOffset = Number(footer.readBigUInt64BE(8));
  const fileSizeBytes = Number(footer.readBigUInt64BE(16));
  if (!Number.isSafeInteger(recordsEndOffset) || !Number.isSafeInteger(fileSizeBytes)) return null;
  return { recordsEndOffset, fileSizeBytes };
}

/** Refuses a trailer that was made for another record area. */
export function assertTrailer(trailer: Uint8Array, recordsEndOffset: number): void {
  const footer = readTrailerFooter(trailer);
  if (footer === null) throw new RangeError('trailer must end in a footer');
  if (footer.recordsEndOffset !== recordsEndOffset) {
    throw new RangeError(
      `trailer must begin at ${recordsEndOffset}, its footer says ${footer.recordsEndOffset}`,
    );
  }
  if (footer.fileSizeBytes !== recordsEndOffset + trailer.length) {
    throw new RangeError('trailer footer names another file size');
  }
}
