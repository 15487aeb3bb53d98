/**
 * The part of a record header that a store may read (docs/evidence-format.md section 1.1): which session, which index,
 * how long. The full codec is @lucid/session-format's; a store must not depend on what a record means.
 */
import { Buffer } from 'node:buffer';

export const RECORD_HEADER_SIZE_BYTES = 128;
/** Largest plain size (16 MiB), its header and its tag, and room for a payload that packing made no smaller. */
export const MAX_RECORD_SIZE_BYTES = 16 * 1024 * 1024 + RECORD_HEADER_SIZE_BYTES + 64;
/** `.lucid` preamble, section 7. */
export const PREAMBLE_SIZE_BYTES = 64;

const MAGIC = 0x4c_52_45_43;
const VERSION = 1;

export interface RecordFrame {
  readonly sessionId: string;
  readonly index: number;
  /** Header and payload. */
  readonly sizeBytes: number;
}

/** The frame of the header at `offset`, or null where there is none. */
export function readRecordFrame(bytes: Uint8Array, offset = 0): RecordFrame | null {
  if (bytes.length - offset < RECORD_HEADER_SIZE_BYTES) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + offset, RECORD_HEADER_SIZE_BYTES);
  if (view.readUInt32BE(0) !== MAGIC || view[4] !== VERSION) return null;
  const index = Number(view.readBigUInt64BE(40));
  const sizeBytes = RECORD_HEADER_SIZE_BYTES + view.readUInt32BE(52);
  if (!Number.isSafeInteger(index) || sizeBytes > MAX_RECORD_SIZE_BYTES) return null;
  return { sessionId: view.toString('hex', 8, 40), index, sizeBytes };
}

const SESSION_ID = /^[0-9a-f]{64}$/;

export const isSessionId = (value: string): boolean => SESSION_ID.test(value);

export function assertSessionId(sessionId: string): void {
  if (typeof sessionId !== 'string' || !isSessionId(sessionId)) {
    throw new TypeError('session id must be 64 lower-case hex digits');
  }
}

export const partsSizeBytes = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.length, 0);

/** The parts in one array; a single part is returned as it is. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function headerOf(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0];
  if (first !== undefined && first.length >= RECORD_HEADER_SIZE_BYTES) return first;
  return Buffer.concat(parts, Math.min(RECORD_HEADER_SIZE_BYTES, partsSizeBytes(parts)));
}

/** Refuses a record that does not say what it is stored as; a store could not find it again. Returns its size in bytes. */
export function assertRecord(sessionId: string, index: number, parts: readonly Uint8Array[]): number {
  assertSessionId(sessionId);
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError('record index must be a safe integer from 0');
  const sizeBytes = partsSizeBytes(parts);
  const frame = readRecordFrame(headerOf(parts));
  if (frame === null) throw new RangeError('record must begin with a record header of version 1');
  if (frame.sessionId !== sessionId) throw new RangeError('record header names another session');
  if (frame.index !== index) throw new RangeError('record header names another index');
  if (frame.sizeBytes !== sizeBytes) throw new RangeError('record header names another size');
  return sizeBytes;
}
