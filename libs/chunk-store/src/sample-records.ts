/** Records and trailers for tests of stores: right in every byte a store may read, arbitrary elsewhere. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { RECORD_HEADER_SIZE_BYTES } from './record-frame.ts';
import { FOOTER_SIZE_BYTES } from './trailer.ts';

/** 64 hex digits out of any text. */
export const sampleSessionId = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Bytes without structure, the same for the same seed. */
export function sampleBytes(seed: string, sizeBytes: number): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: sizeBytes }).update(seed).digest());
}

/** A record as two parts, header and payload, as the pipeline hands it over. */
export function sampleRecord(options: {
  sessionId: string;
  index: number;
  payloadSizeBytes: number;
  seed?: string;
}): readonly [Uint8Array, Uint8Array] {
  const header = Buffer.alloc(RECORD_HEADER_SIZE_BYTES);
  header.write('LREC', 0, 'latin1');
  header[4] = 1;
  header[5] = 2;
  header.writeUInt16BE(2, 6);
  header.write(options.sessionId, 8, 'hex');
  header.writeBigUInt64BE(BigInt(options.index), 40);
  header.writeUInt32BE(options.payloadSizeBytes, 52);
  const seed = `${options.seed ?? ''}/${options.sessionId}/${options.index}`;
  header.set(sampleBytes(`${seed}/nonce`, 24), 88);
  return [new Uint8Array(header), sampleBytes(seed, options.payloadSizeBytes)];
}

/** A trailer with one section of `bodySizeBytes` and a footer that fits the record area. */
export function sampleTrailer(recordsEndOffset: number, bodySizeBytes: number, seed = ''): Uint8Array {
  const trailer = Buffer.alloc(16 + bodySizeBytes + FOOTER_SIZE_BYTES);
  trailer.write('MANI', 0, 'latin1');
  trailer.writeBigUInt64BE(BigInt(bodySizeBytes), 8);
  trailer.set(sampleBytes(`trailer/${seed}`, bodySizeBytes), 16);
  const footer = trailer.subarray(16 + bodySizeBytes);
  footer.write('LUCIDEND', 0, 'latin1');
  footer.writeBigUInt64BE(BigInt(recordsEndOffset), 8);
  footer.writeBigUInt64BE(BigInt(recordsEndOffset + trailer.length), 16);
  footer.writeUInt32BE(1, 24);
  const covered = createHash('sha256')
    .update(trailer.subarray(0, 16 + bodySizeBytes))
    .update(footer.subarray(0, 32));
  footer.set(covered.digest(), 32);
  return new Uint8Array(trailer);
}
