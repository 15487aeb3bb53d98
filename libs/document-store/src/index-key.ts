/**
 * Index entries as text whose code point order (which is the byte order of its UTF-8) is the order of the values.
 *
 * An entry is its values, each followed by U+0001, most significant first; a non-unique index adds the document's key, so that every
 * entry differs. A value is a kind letter and a body: `b` and `0` or `1`; `n` and 16 hexadecimal digits (the IEEE 754 bits, sign
 * flipped, all flipped where negative); `s` and the string itself. Strings therefore hold neither U+0000 nor U+0001.
 * Every adapter stores this text, so ranges, order and paging are the same everywhere whatever a database thinks of mixed types.
 */
import type { IndexDefinition } from './document-store.ts';
import { isWellFormed } from './document-value.ts';
import { DocumentStoreError } from './errors.ts';

/** Of a document's key. */
export const MAX_KEY_BYTES = 512;
/** Of an index entry, the document's key not counted. LMDB's keys end at 1978 bytes. */
export const MAX_ENTRY_BYTES = 1200;

const END = '\u0001';
const AFTER_END = '\u0002';
/** Above every kind letter. */
const AFTER_ALL = '~';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these two characters are the ones refused
const RESERVED = /[\u0000\u0001]/;

const numberBits = new DataView(new ArrayBuffer(8));

function encodeNumber(value: number): string {
  numberBits.setFloat64(0, value === 0 ? 0 : value);
  const bits = numberBits.getBigUint64(0);
  const ordered = bits >> 63n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return ordered.toString(16).padStart(16, '0');
}

const isStorableText = (text: string): boolean => !RESERVED.test(text) && isWellFormed(text);

/** Null when the value cannot be indexed. */
function encodeValue(value: unknown): string | null {
  if (typeof value === 'string') return isStorableText(value) ? `s${value}${END}` : null;
  if (typeof value === 'number') return Number.isFinite(value) ? `n${encodeNumber(value)}${END}` : null;
  if (typeof value === 'boolean') return `b${value ? 1 : 0}${END}`;
  return null;
}

const invalid = (collection: string, why: string, index?: string): DocumentStoreError =>
  new DocumentStoreError('invalid_document', `${collection}: ${why}`, { details: { collection, index } });

/** Returns the key as it is. Throws `invalid_document`. */
export function checkKey(collection: string, key: unknown): string {
  if (typeof key !== 'string' || key === '' || !isStorableText(key))
    throw invalid(collection, 'a key must be non-empty, well-formed text without U+0000 and U+0001');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw invalid(collection, `a key of ${Buffer.byteLength(key)} bytes is above ${MAX_KEY_BYTES}`);
  return key;
}

/** Null when the document lacks a field of the index and so is not in it. Throws `invalid_document`. */
export function indexEntry(
  collection: string,
  index: IndexDefinition,
  key: string,
  document: object,
): string | null {
  let entry = '';
  for (const field of index.fields) {
    const value = (document as Record<string, unknown>)[field];
    if (value === undefined || value === null) return null;
    const encoded = encodeValue(value);
    if (encoded === null) throw invalid(collection, `${field} cannot be indexed`, index.name);
    entry += encoded;
  }
  const sizeBytes = Buffer.byteLength(entry);
  if (sizeBytes > MAX_ENTRY_BYTES)
    throw invalid(collection, `${sizeBytes} bytes of ${index.fields.join(', ')} are too many`, index.name);
  return index.unique ? entry : entry + key;
}

/** `from <= entry < to`. */
export interface EntryBounds {
  readonly from: string;
  readonly to: string;
}

export const encodeIndexValue = (value: unknown): string | null => encodeValue(value);

/** The least text above every text that starts with `prefix`; null when there is none. */
export function afterPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  while (points.length > 0) {
    const last = points.pop() as number;
    if (last === 0x10ffff) continue;
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return null;
}

/** Bounds of the entries that start with `head`, a run of whole encoded values. */
export const boundsOfHead = (head: string): EntryBounds =>
  head === '' ? { from: '', to: AFTER_ALL } : { from: head, to: head.slice(0, -1) + AFTER_END };
