/**
 * Finds and reads the sections at the end of a bundle. It goes on after damage as far as it can, so that the checks behind it can
 * name what exactly was changed.
 */
import { bytesToHex, equalBytes } from '@lucid/bytes';
import { createSha256 } from '@lucid/crypto';
import {
  FOOTER_BYTES,
  type Footer,
  INDEX_ROW_BYTES,
  MAX_TRAILER_BYTES,
  PREAMBLE_BYTES,
  parseSectionHeader,
  RECORD_HEADER_BYTES,
  readFooter,
  SECTION_HEADER_BYTES,
  type SectionTag,
  sectionTags,
} from '@lucid/session-format';
import { type BundleReader, readAt } from './byte-window.ts';
import type { FaultList } from './fault.ts';
import { VerifyError } from './verdict.ts';

export type SectionBodies = Partial<Record<SectionTag, Uint8Array>>;

export interface TrailerPlace {
  /** Where the sections begin in the file as it is. */
  readonly offset: number;
  readonly footer: Footer;
}

/**
 * Where the sections are by the footer, or null without a usable one. Sections keep their length when records before them are cut
 * out or put in, so a footer of a file that changed its size still leads to them.
 */
export async function locateTrailer(reader: BundleReader, faults: FaultList): Promise<TrailerPlace | null> {
  const { sizeBytes } = reader;
  if (sizeBytes < PREAMBLE_BYTES + FOOTER_BYTES) return null;
  const parsed = readFooter(await readAt(reader, sizeBytes - FOOTER_BYTES, FOOTER_BYTES));
  if (!parsed.ok) return null;
  const footer = parsed.value;
  const offset = sizeBytes - (footer.fileSizeBytes - footer.trailerOffset);
  if (footer.fileSizeBytes !== sizeBytes)
    faults.add('file_size_differs', `${footer.fileSizeBytes} bytes`, `${sizeBytes} bytes`);
  if (offset < PREAMBLE_BYTES) return null;
  const beginsWell =
    offset < sizeBytes - FOOTER_BYTES &&
    parseSectionHeader(await readAt(reader, offset, SECTION_HEADER_BYTES)).ok;
  if (beginsWell) return { offset, footer };
  faults.add('trailer_damaged', `sections from byte ${offset} on, as the footer says`, 'no section there');
  return null;
}

export interface ReadSections {
  readonly sections: SectionBodies;
  /** Where the last readable section ends. */
  readonly end: number;
  readonly count: number;
  /** SHA-256 over the section bytes and the first 32 bytes behind them, where there are that many. */
  readonly digest: Uint8Array | null;
  /** What stopped the reading before `end`, if anything did. */
  readonly stop: { readonly cutOff: boolean; readonly detail: string } | null;
}

/** No section is taken that could not belong to the records before it, so that a footer cannot ask for any amount of memory. */
function sizeLimit(tag: SectionTag, recordsEnd: number): number {
  if (tag === 'INDX') return Math.floor(recordsEnd / RECORD_HEADER_BYTES) * INDEX_ROW_BYTES;
  return 64 * 1024 * 1024;
}

async function readSection(
  reader: BundleReader,
  at: number,
  limit: { readonly offset: number; readonly end: number; readonly order: number },
): Promise<{ tag: SectionTag; header: Uint8Array; body: Uint8Array } | { cutOff: boolean; detail: string }> {
  const bytesLeft = limit.end - at;
  if (bytesLeft < SECTION_HEADER_BYTES) return { cutOff: true, detail: `a section header cut off at ${at}` };
  const header = await readAt(reader, at, SECTION_HEADER_BYTES);
  const parsed = parseSectionHeader(header);
  if (!parsed.ok) return { cutOff: false, detail: `${parsed.detail} at ${at}` };
  const { tag, sizeBytes } = parsed.value;
  if (sectionTags.indexOf(tag) <= limit.order)
    return { cutOff: false, detail: `section ${tag} repeated or out of order at ${at}` };
  if (sizeBytes > bytesLeft - SECTION_HEADER_BYTES)
    return { cutOff: true, detail: `section ${tag} of ${sizeBytes} bytes with ${bytesLeft} bytes left` };
  if (sizeBytes > sizeLimit(tag, limit.offset))
    return { cutOff: false, detail: `section ${tag} of ${sizeBytes} bytes, more than its records can need` };
  return { tag, header, body: await readAt(reader, at + SECTION_HEADER_BYTES, sizeBytes) };
}

/** Reads sections from `offset` on, to `end` at most. @throws VerifyError unreadable, too_large */
export async function readSections(reader: BundleReader, offset: number, end: number): Promise<ReadSections> {
  const hash = createSha256();
  const sections: SectionBodies = {};
  let at = offset;
  let count = 0;
  let order = -1;
  let stop: ReadSections['stop'] = null;
  while (at < end) {
    const section = await readSection(reader, at, { offset, end, order });
    if ('detail' in section) {
      stop = section;
      break;
    }
    const { tag, header, body } = section;
    at += header.length + body.length;
    if (at - offset > MAX_TRAILER_BYTES)
      throw new VerifyError('too_large', `The sections are larger than ${MAX_TRAILER_BYTES} bytes.`);
    hash.update(header).update(body);
    sections[tag] = body;
    order = sectionTags.indexOf(tag);
    count++;
  }
  const half = FOOTER_BYTES / 2;
  const withFooter = reader.sizeBytes - at >= half;
  if (withFooter) hash.update(await readAt(reader, at, half));
  return { sections, end: at, count, digest: withFooter ? hash.digest() : null, stop };
}

/** The sections of a bundle whose footer leads to them. */
export async function readTrailer(
  reader: BundleReader,
  { offset, footer }: TrailerPlace,
  faults: FaultList,
): Promise<SectionBodies> {
  const end = reader.sizeBytes - FOOTER_BYTES;
  const read = await readSections(reader, offset, end);
  if (read.stop !== null) faults.add('trailer_damaged', 'sections up to the footer', read.stop.detail);
  else if (read.count !== footer.sectionCount)
    faults.add('trailer_damaged', `${footer.sectionCount} sections`, `${read.count} sections`);
  else if (read.digest === null || !equalBytes(read.digest, footer.digest))
    faults.add(
      'trailer_damaged',
      `sections with the SHA-256 ${bytesToHex(footer.digest)} that the footer names`,
      read.digest === null ? 'none' : `sections with ${bytesToHex(read.digest)}`,
    );
  return read.sections;
}

/**
 * The sections behind the records of a file without a usable footer; says how the end of the file differs from what it
 * should be. Null where no section begins at `offset`.
 */
export async function salvageTrailer(
  reader: BundleReader,
  offset: number,
  faults: FaultList,
): Promise<SectionBodies | null> {
  const { sizeBytes } = reader;
  const read = await readSections(reader, offset, sizeBytes);
  if (read.count === 0) return null;
  const rest = sizeBytes - read.end;
  if (read.stop?.cutOff || rest < FOOTER_BYTES)
    faults.add('truncated_file', 'sections and a footer of 64 bytes', read.stop?.detail ?? `${rest} bytes`);
  else if (rest === FOOTER_BYTES)
    faults.add('trailer_damaged', 'a footer that leads to the sections', 'a footer that does not');
  else
    faults.add('trailer_damaged', 'a footer and nothing behind it', `${rest} bytes behind the last section`);
  return read.sections;
}
