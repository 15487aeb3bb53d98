/**
 * The frame of a `.lucid` bundle: preamble, sections, footer (docs/evidence-format.md section 7). Every byte of a bundle
 * belongs to the preamble, to one record, to one section or to the footer.
 */
import { bytesToHex, concatBytes, equalBytes, hexToBytes, isHex, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { FORMAT_VERSION, RECORD_HEADER_BYTES, SESSION_ID_BYTES } from './record.ts';

export const PREAMBLE_BYTES = 64;
export const FOOTER_BYTES = 64;
export const SECTION_HEADER_BYTES = 16;
export const INDEX_ROW_BYTES = 44;
/** A reader's bound on all sections together: the index of 45 million records stays below it. */
export const MAX_TRAILER_BYTES = 2_000_000_000;

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
  if (!isHex(sessionId, SESSION_ID_BYTES)) throw new TypeError('sessionId must be 64 lower-case hex digits');
  const bytes = new Uint8Array(PREAMBLE_BYTES);
  bytes.set(PREAMBLE_MAGIC);
  viewOf(bytes).setUint16(8, FORMAT_VERSION);
  viewOf(bytes).setUint16(10, RECORD_HEADER_BYTES);
  bytes.set(hexToBytes(sessionId), 16);
  return bytes;
}

export const preambleFaults = ['truncated', 'wrong_magic', 'wrong_version', 'reserved_not_zero'] as const;
export type PreambleFault = (typeof preambleFaults)[number];
export type ParsedPreamble =
  | { readonly ok: true; readonly value: { sessionId: string } }
  | { readonly ok: false; readonly fault: PreambleFault; readonly detail: string };

/** Reads the first 64 bytes of a file. Bytes that are too few but a beginning of the magic are `truncated`. */
export function parsePreamble(bytes: Uint8Array): ParsedPreamble {
  const fault = (of: PreambleFault, detail: string) => ({ ok: false as const, fault: of, detail });
  const magic = bytes.subarray(0, PREAMBLE_MAGIC.length);
  if (bytes.length === 0 || !equalBytes(magic, PREAMBLE_MAGIC.subarray(0, magic.length)))
    return fault('wrong_magic', `expected magic ${bytesToHex(PREAMBLE_MAGIC)}, found ${bytesToHex(magic)}`);
  if (bytes.length < PREAMBLE_BYTES)
    return fault('truncated', `expected a preamble of 64 bytes, found ${bytes.length}`);
  const version = viewOf(bytes).getUint16(8);
  if (version !== FORMAT_VERSION) return fault('wrong_version', `expected version 1, found ${version}`);
  const sessionId = bytesToHex(bytes.subarray(16, 48));
  return equalBytes(bytes.subarray(0, PREAMBLE_BYTES), encodePreamble(sessionId))
    ? { ok: true, value: { sessionId } }
    : fault('reserved_not_zero', 'header size or reserved bytes are not as the format says');
}

function encodeSection(tag: SectionTag, body: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(SECTION_HEADER_BYTES);
  head.set(utf8ToBytes(tag));
  viewOf(head).setBigUint64(8, BigInt(body.length));
  return [head, body];
}

/** Sections and footer of a bundle whose records end at `recordsEnd` (the offset of the first section). */
export function encodeTrailer(sections: Sections, recordsEnd: number): Uint8Array {
  if (!Number.isSafeInteger(recordsEnd) || recordsEnd < PREAMBLE_BYTES)
    throw new RangeError('recordsEnd must be an offset behind the preamble');
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

/** The form of a footer alone; `fileSizeBytes` is what it says. */
export function readFooter(bytes: Uint8Array): Parsed<Footer> {
  if (bytes.length !== FOOTER_BYTES || !equalBytes(bytes.subarray(0, 8), FOOTER_MAGIC))
    return wrong('the file does not end with a footer');
  const view = viewOf(bytes);
  const trailerOffset = Number(view.getBigUint64(8));
  const fileSizeBytes = Number(view.getBigUint64(16));
  if (!Number.isSafeInteger(fileSizeBytes)) return wrong(`the footer says ${fileSizeBytes} bytes`);
  if (trailerOffset < PREAMBLE_BYTES || trailerOffset > fileSizeBytes - FOOTER_BYTES)
    return wrong(`sections at ${trailerOffset} lie outside the file`);
  if (view.getUint32(28) !== 0) return wrong('reserved footer bytes are not zero');
  const digest = new Uint8Array(bytes.subarray(32));
  return {
    ok: true,
    value: { trailerOffset, fileSizeBytes, sectionCount: view.getUint32(24), digest },
  };
}

/** The last 64 bytes of a bundle of `fileSizeBytes`. */
export function parseFooter(bytes: Uint8Array, fileSizeBytes: number): Parsed<Footer> {
  const footer = readFooter(bytes);
  if (footer.ok && footer.value.fileSizeBytes !== fileSizeBytes)
    return wrong(`the footer says ${footer.value.fileSizeBytes} bytes, the file has ${fileSizeBytes}`);
  return footer;
}

export interface SectionHeader {
  readonly tag: SectionTag;
  /** Bytes that follow the header. */
  readonly sizeBytes: number;
}

/** The first 16 bytes of a section. */
export function parseSectionHeader(bytes: Uint8Array): Parsed<SectionHeader> {
  if (bytes.length < SECTION_HEADER_BYTES) return wrong('a section header is cut off');
  const view = viewOf(bytes);
  const tag = sectionTags.find((each) => equalBytes(utf8ToBytes(each), bytes.subarray(0, 4)));
  if (tag === undefined) return wrong(`unknown section ${bytesToHex(bytes.subarray(0, 4))}`);
  if (view.getUint32(4) !== 0) return wrong(`reserved bytes of section ${tag} are not zero`);
  return { ok: true, value: { tag, sizeBytes: Number(view.getBigUint64(8)) } };
}

function readSection(
  bytes: Uint8Array,
  at: number,
): Parsed<{ tag: SectionTag; body: Uint8Array; end: number }> {
  const from = at + SECTION_HEADER_BYTES;
  const header = parseSectionHeader(bytes.subarray(at, from));
  if (!header.ok) return wrong(`${header.detail} at ${at}`);
  const { tag, sizeBytes } = header.value;
  const end = from + sizeBytes;
  if (end > bytes.length) return wrong(`section ${tag} of ${sizeBytes} bytes runs past the trailer`);
  return { ok: true, value: { tag, body: bytes.subarray(from, end), end } };
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
  if (footer.value.trailerOffset !== fileSizeBytes - trailer.length)
    return wrong(
      `the sections begin at ${footer.value.trailerOffset}, not at ${fileSizeBytes - trailer.length}`,
    );
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
    if (row.leafHash.length !== 32) throw new RangeError('leafHash must be 32 bytes');
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
