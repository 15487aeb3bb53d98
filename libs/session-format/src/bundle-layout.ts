/**
 * The frame of a `.lucid` bundle: preamble, sections, footer (docs/evidence-format.md section 7). Every byte of a bundle
 * belongs to the preamble, to one record, to one section or to the footer.
 */
import { bytesToHex, concatBytes, equalBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { FORMAT_VERSION, RECORD_HEADER_BYTES } from './record.ts';

export const PREAMBLE_BYTES = 64;
export const FOOTER_BYTES = 64;
const SECTION_HEADER_BYTES = 16;
const INDEX_ROW_BYTES = 44;
/** A reader's bound on all sections together: the index of 100 million records stays below it. */
export const MAX_TRAILER_BYTES = 5_000_000_000;

const PREAMBLE_MAGIC = Uint8Array.of(0x89, 0x4c, 0x55, 0x43, 0x49, 0x44, 0x0d, 0x0a);
const FOOTER_MAGIC = utf8ToBytes('LUCIDEND');

export const sectionTags = ['MANI', 'CKPT', 'INDX', 'KEYS', 'ANCH'] as const;
export type SectionTag = (typeof sectionTags)[number];
export type Sections = Readonly<Partial<Record<SectionTag, Uint8Array>>>;

/** Where one record lies. */
export interface IndexRow {
  readonly offset: number;
  readonly sizeBytes: number;
  /** SHA-256(0x00 || record), 32 bytes. */
  readonly leafHash: Uint8Array;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly detail: string };
const wrong = (detail: string) => ({ ok: false as const, detail });

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodePreamble(sessionId: string): Uint8Array {
  const bytes = new Uint8Array(PREAMBLE_BYTES);
  bytes.set(PREAMBLE_MAGIC);
  viewOf(bytes).setUint16(8, FORMAT_VERSION);
  viewOf(bytes).setUint16(10, RECORD_HEADER_BYTES);
  bytes.set(hexToBytes(sessionId), 16);
  return bytes;
}

export function parsePreamble(bytes: Uint8Array): Parsed<{ sessionId: string }> {
  if (bytes.length < PREAMBLE_BYTES) return wrong(`expected a preamble of 64 bytes, found ${bytes.length}`);
  if (!equalBytes(bytes.subarray(0, 8), PREAMBLE_MAGIC)) {
    return wrong(`expected magic ${bytesToHex(PREAMBLE_MAGIC)}, found ${bytesToHex(bytes.subarray(0, 8))}`);
  }
  const version = viewOf(bytes).getUint16(8);
  if (version !== FORMAT_VERSION) return wrong(`expected version 1, found ${version}`);
  const sessionId = bytesToHex(bytes.subarray(16, 48));
  if (!equalBytes(bytes.subarray(0, PREAMBLE_BYTES), encodePreamble(sessionId)))
    return wrong('reserved bytes are not as the format says');
  return { ok: true, value: { sessionId } };
}

function encodeSection(tag: SectionTag, body: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(SECTION_HEADER_BYTES);
  head.set(utf8ToBytes(tag));
  viewOf(head).setBigUint64(8, BigInt(body.length));
  return [head, body];
}

/** Sections and footer of a bundle whose records end at `recordsEnd` (the offset of the first section). */
export function encodeTrailer(sections: Sections, recordsEnd: number): Uint8Array {
  const present = sectionTags.filter((tag) => sections[tag] !== undefined);
  const body = concatBytes(...present.flatMap((tag) => encodeSection(tag, sections[tag] as Uint8Array)));
  const footer = new Uint8Array(FOOTER_BYTES);
  footer.set(FOOTER_MAGIC);
  viewOf(footer).setBigUint64(8, BigInt(recordsEnd));
  viewOf(footer).setBigUint64(16, BigInt(recordsEnd + body.length + FOOTER_BYTES));
  viewOf(footer).setUint32(24, present.length);
  footer.set(sha256(body, footer.subarray(0, 32)), 32);
  return concatBytes(body, footer);
}

export interface Footer {
  readonly trailerOffset: number;
  readonly fileSizeBytes: number;
  readonly sectionCount: number;
  readonly digest: Uint8Array;
}

/** The last 64 bytes of a bundle. */
export function parseFooter(bytes: Uint8Array, fileSizeBytes: number): Parsed<Footer> {
  if (bytes.length !== FOOTER_BYTES || !equalBytes(bytes.subarray(0, 8), FOOTER_MAGIC))
    return wrong('the file does not end with a footer');
  const view = viewOf(bytes);
  const trailerOffset = Number(view.getBigUint64(8));
  const said = Number(view.getBigUint64(16));
  if (said !== fileSizeBytes) return wrong(`the footer says ${said} bytes, the file has ${fileSizeBytes}`);
  if (trailerOffset < PREAMBLE_BYTES || trailerOffset > fileSizeBytes - FOOTER_BYTES)
    return wrong(`sections at ${trailerOffset} lie outside the file`);
  if (view.getUint32(28) !== 0) return wrong('reserved footer bytes are not zero');
  return {
    ok: true,
    value: { trailerOffset, fileSizeBytes, sectionCount: view.getUint32(24), digest: bytes.slice(32) },
  };
}

function readSection(
  bytes: Uint8Array,
  at: number,
): Parsed<{ tag: SectionTag; body: Uint8Array; end: number }> {
  if (at + SECTION_HEADER_BYTES > bytes.length) return wrong(`section header cut off at ${at}`);
  const view = viewOf(bytes);
  const tag = String.fromCharCode(...bytes.subarray(at, at + 4)) as SectionTag;
  if (!sectionTags.includes(tag)) return wrong(`unknown section at ${at}`);
  if (view.getUint32(at + 4) !== 0) return wrong(`reserved bytes of section ${tag} are not zero`);
  const length = Number(view.getBigUint64(at + 8));
  const end = at + SECTION_HEADER_BYTES + length;
  if (end > bytes.length) return wrong(`section ${tag} of ${length} bytes runs past the trailer`);
  return { ok: true, value: { tag, body: bytes.subarray(at + SECTION_HEADER_BYTES, end), end } };
}

/** The trailer: all bytes from the first section up to and including the footer. */
export function parseTrailer(
  trailer: Uint8Array,
  fileSizeBytes: number,
): Parsed<{ sections: Sections; footer: Footer }> {
  const split = trailer.length - FOOTER_BYTES;
  if (split < 0) return wrong('the file does not end with a footer');
  const footer = parseFooter(trailer.subarray(split), fileSizeBytes);
  if (!footer.ok) return footer;
  if (!equalBytes(sha256(trailer.subarray(0, split + 32)), footer.value.digest))
    return wrong('the digest of the sections differs from the footer');
  const sections: Partial<Record<SectionTag, Uint8Array>> = {};
  let count = 0;
  let last = -1;
  for (let at = 0; at < split; ) {
    const section = readSection(trailer.subarray(0, split), at);
    if (!section.ok) return section;
    const order = sectionTags.indexOf(section.value.tag);
    if (order <= last) return wrong(`section ${section.value.tag} is repeated or out of order`);
    last = order;
    sections[section.value.tag] = section.value.body;
    at = section.value.end;
    count++;
  }
  if (count !== footer.value.sectionCount)
    return wrong(`the footer says ${footer.value.sectionCount} sections, found ${count}`);
  return { ok: true, value: { sections, footer: footer.value } };
}

export function encodeIndex(rows: readonly IndexRow[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * INDEX_ROW_BYTES);
  const view = viewOf(bytes);
  rows.forEach((row, at) => {
    view.setBigUint64(at * INDEX_ROW_BYTES, BigInt(row.offset));
    view.setUint32(at * INDEX_ROW_BYTES + 8, row.sizeBytes);
    bytes.set(row.leafHash, at * INDEX_ROW_BYTES + 12);
  });
  return bytes;
}

export function parseIndex(bytes: Uint8Array): Parsed<IndexRow[]> {
  if (bytes.length % INDEX_ROW_BYTES !== 0) return wrong(`${bytes.length} bytes are no whole number of rows`);
  const view = viewOf(bytes);
  const rows: IndexRow[] = [];
  for (let at = 0; at < bytes.length; at += INDEX_ROW_BYTES) {
    rows.push({
      offset: Number(view.getBigUint64(at)),
      sizeBytes: view.getUint32(at + 8),
      leafHash: bytes.subarray(at + 12, at + INDEX_ROW_BYTES),
    });
  }
  return { ok: true, value: rows };
}

/** Null where the rows tile the record area from the preamble to `recordsEnd` exactly, else what is wrong. */
export function tilingFault(rows: readonly IndexRow[], recordsEnd: number): string | null {
  const byOffset = rows.map((row, index) => ({ index, ...row })).sort((a, b) => a.offset - b.offset);
  let at = PREAMBLE_BYTES;
  for (const row of byOffset) {
    if (row.offset !== at)
      return `record ${row.index} is said to lie at ${row.offset}, but the record before it ends at ${at}`;
    if (row.sizeBytes < RECORD_HEADER_BYTES)
      return `record ${row.index} is said to have ${row.sizeBytes} bytes`;
    at += row.sizeBytes;
  }
  return at === recordsEnd ? null : `the records end at ${at}, the sections begin at ${recordsEnd}`;
}
