/**
 * The records of a file of which nothing else is trusted: no preamble, footer, section or index is needed. A record is
 * whatever begins with a valid header; damage between records, or inside one, hides none behind it.
 */
import {
  parseRecordHeader,
  parseSectionHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  SECTION_HEADER_BYTES,
} from '@lucid/session-format';
import { type BundleReader, readAt } from './byte-window.ts';
import { findNextRecord } from './find-record.ts';

export interface FoundRecord {
  readonly offset: number;
  /** As it lies there; only a tag makes it true. */
  readonly header: RecordHeader;
  /** Of its payload, behind the end of the file. */
  readonly missingBytes: number;
}

/** Whether what follows a record begins there: another one, the first section, or nothing. */
async function joins(reader: BundleReader, at: number): Promise<boolean> {
  const left = reader.sizeBytes - at;
  if (left <= 0) return left === 0;
  const head = await readAt(reader, at, Math.min(RECORD_HEADER_BYTES, left));
  return parseRecordHeader(head).ok || parseSectionHeader(head.subarray(0, SECTION_HEADER_BYTES)).ok;
}

/** In file order. @throws VerifyError unreadable */
export async function* walkRecords(reader: BundleReader): AsyncGenerator<FoundRecord> {
  const { sizeBytes } = reader;
  for (let at = 0; ; ) {
    const offset = await findNextRecord(reader, at, sizeBytes, false);
    if (offset === null) return;
    const parsed = parseRecordHeader(await readAt(reader, offset, RECORD_HEADER_BYTES));
    if (!parsed.ok) return;
    const end = offset + RECORD_HEADER_BYTES + parsed.header.payloadSizeBytes;
    yield { offset, header: parsed.header, missingBytes: Math.max(0, end - sizeBytes) };
    // A size that leads nowhere may be what was changed: the next record may begin before the end it tells.
    at = (await joins(reader, end)) ? end : offset + RECORD_HEADER_BYTES;
  }
}
