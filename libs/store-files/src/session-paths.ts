/** Names in the sessions folder, and the preamble of a session file (docs/evidence-format.md section 7). */
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { PREAMBLE_SIZE_BYTES, RECORD_HEADER_SIZE_BYTES } from '@lucid/chunk-store';

export interface SessionPaths {
  readonly sessionId: string;
  readonly folder: string;
  /** Live: preamble and records. */
  readonly part: string;
  /** How many records of the live file are known to be on disk (durable-mark.ts). */
  readonly mark: string;
  /** Closed: preamble, records, trailer. */
  readonly lucid: string;
  /** A trailer that is about to replace the one in `lucid`; there only while, or because, that did not end. */
  readonly redo: string;
  readonly redoDraft: string;
}

export function sessionPaths(folder: string, sessionId: string): SessionPaths {
  const base = join(folder, sessionId);
  return {
    sessionId,
    folder,
    part: `${base}.part`,
    mark: `${base}.part.mark`,
    lucid: `${base}.lucid`,
    redo: `${base}.lucid.trailer`,
    redoDraft: `${base}.lucid.trailer.draft`,
  };
}

const PREAMBLE_MAGIC = [0x89, 0x4c, 0x55, 0x43, 0x49, 0x44, 0x0d, 0x0a];

export function preambleOf(sessionId: string): Uint8Array {
  const preamble = Buffer.alloc(PREAMBLE_SIZE_BYTES);
  preamble.set(PREAMBLE_MAGIC);
  preamble.writeUInt16BE(1, 8);
  preamble.writeUInt16BE(RECORD_HEADER_SIZE_BYTES, 10);
  preamble.write(sessionId, 16, 'hex');
  return new Uint8Array(preamble);
}
