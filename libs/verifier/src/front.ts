/** The first bytes of a file: is it a bundle, of which session, recorded by whom. */
import { bytesToHex } from '@lucid/bytes';
import {
  type Manifest,
  PREAMBLE_BYTES,
  parseDocument,
  parsePreamble,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type SessionHeader,
} from '@lucid/session-format';
import { type BundleReader, readAt } from './byte-window.ts';
import type { FaultCode, FaultList } from './fault.ts';
import type { IndexTable } from './index-table.ts';

const preambleCodes = {
  truncated: 'truncated_file',
  wrong_magic: 'not_a_bundle',
  wrong_version: 'wrong_version',
  reserved_not_zero: 'preamble_damaged',
} as const;

/** The session that the preamble names; null where the file is not a bundle of this version. */
export async function readFront(reader: BundleReader, faults: FaultList): Promise<string | null> {
  const { sizeBytes } = reader;
  const preamble = parsePreamble(await readAt(reader, 0, Math.min(PREAMBLE_BYTES, sizeBytes)));
  if (preamble.ok) return preamble.value.sessionId;
  let code: FaultCode = preambleCodes[preamble.fault];
  // A record behind it tells that only the magic was changed.
  if (code === 'not_a_bundle' && sizeBytes >= PREAMBLE_BYTES + RECORD_HEADER_BYTES) {
    const record = parseRecordHeader(await readAt(reader, PREAMBLE_BYTES, RECORD_HEADER_BYTES));
    if (record.ok) code = 'preamble_damaged';
  }
  faults.addDetail(code, sizeBytes === 0 ? 'it is empty' : preamble.detail);
  return code === 'preamble_damaged' ? bytesToHex(await readAt(reader, 16, 32)) : null;
}

export interface Opening {
  readonly sessionId: string;
  readonly header: SessionHeader | null;
}

/** Record 0, read ahead: a session key is checked against it before the first chunk comes by. */
async function readFirstRecord(
  reader: BundleReader,
  offset: number,
): Promise<{ sessionId: string; header: SessionHeader | null } | null> {
  if (offset < PREAMBLE_BYTES || offset + RECORD_HEADER_BYTES > reader.sizeBytes) return null;
  const parsed = parseRecordHeader(await readAt(reader, offset, RECORD_HEADER_BYTES));
  if (!parsed.ok) return null;
  const { sessionId, type, payloadSizeBytes } = parsed.header;
  const payloadAt = offset + RECORD_HEADER_BYTES;
  if (type !== 'header' || payloadAt + payloadSizeBytes > reader.sizeBytes)
    return { sessionId, header: null };
  const payload = parseDocument('sessionHeader', await readAt(reader, payloadAt, payloadSizeBytes));
  return { sessionId, header: payload.ok ? payload.value : null };
}

/** Which session this is. Where records and manifest agree against the preamble, the preamble was changed. */
export async function readOpening(
  reader: BundleReader,
  claimed: string,
  { index, manifest }: { index: IndexTable | null; manifest: Manifest | null },
  faults: FaultList,
): Promise<Opening> {
  const first = await readFirstRecord(
    reader,
    index !== null && index.count > 0 ? index.offset(0) : PREAMBLE_BYTES,
  );
  const header = first?.header ?? null;
  if (
    first === null ||
    manifest === null ||
    first.sessionId === claimed ||
    manifest.sessionId !== first.sessionId
  )
    return { sessionId: claimed, header };
  faults.add(
    'preamble_damaged',
    `session ${first.sessionId}, as records and manifest say`,
    `session ${claimed}`,
  );
  return { sessionId: first.sessionId, header };
}
