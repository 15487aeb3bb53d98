/** Searches for the next place where a record, or the first section behind the records, begins. */
import {
  parseRecordHeader,
  parseSectionHeader,
  RECORD_HEADER_BYTES,
  SECTION_HEADER_BYTES,
} from '@lucid/session-format';
import { type BundleReader, readAt } from './byte-window.ts';

/** Small first, for the next record is mostly near; then growing, so that a long search costs few reads. */
const FIRST_STEP_BYTES = 4096;
const MAX_STEP_BYTES = 1024 * 1024;
const RECORD_START = 0x4c;
const SECTION_START = 0x4d;

const beginsRecord = (bytes: Uint8Array): boolean => parseRecordHeader(bytes).ok;

function beginsSection(bytes: Uint8Array): boolean {
  const parsed = parseSectionHeader(bytes.subarray(0, SECTION_HEADER_BYTES));
  return parsed.ok && parsed.value.tag === 'MANI';
}

/** Null where none begins before `end`; `sections` asks for a first section too. @throws VerifyError unreadable */
export async function findNextRecord(
  reader: BundleReader,
  from: number,
  end: number,
  sections: boolean,
): Promise<number | null> {
  let stepBytes = FIRST_STEP_BYTES;
  for (let at = from; at < end; ) {
    // What begins in this step may end behind it.
    const bytes = await readAt(reader, at, Math.min(stepBytes + RECORD_HEADER_BYTES, end - at));
    const starts = Math.min(stepBytes, bytes.length);
    for (let start = 0; start < starts; start++) {
      const first = bytes[start];
      if (first !== RECORD_START && first !== SECTION_START) continue;
      const head = bytes.subarray(start, start + RECORD_HEADER_BYTES);
      if (first === RECORD_START ? beginsRecord(head) : sections && beginsSection(head)) return at + start;
    }
    at += stepBytes;
    stepBytes = Math.min(stepBytes * 2, MAX_STEP_BYTES);
  }
  return null;
}
