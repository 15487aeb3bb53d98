/** Turns what a caller asks into bounds over entry text (see `index-key.ts`), once for all adapters. */
import { KEY_INDEX } from './definition.ts';
import type { FindOptions, IndexDefinition, RangeOptions } from './document-store.ts';
import { DocumentStoreError } from './errors.ts';
import { afterPrefix, boundsOfHead, checkKey, type EntryBounds, encodeIndexValue } from './index-key.ts';

export const MAX_LIMIT = 1000;

/** What is read: an index, or the primary key (`index` null; then bounds are over keys themselves). */
export interface Range extends EntryBounds {
  readonly index: IndexDefinition | null;
}

/** A page of it, in `reverse` or not, beyond the entry `after` where there is one. */
export interface PageRange extends Range {
  readonly reverse: boolean;
  readonly limit: number;
}

/** Above every key: noncharacter, and keys that start with it are not worth a longer bound. */
const AFTER_EVERY_KEY = '\u{10FFFF}\u{10FFFF}';

const invalid = (collection: string, why: string, index: string): DocumentStoreError =>
  new DocumentStoreError('invalid_query', `${collection}: ${why}`, { details: { collection, index } });

function encode(collection: string, index: string, value: unknown): string {
  const encoded = encodeIndexValue(value);
  if (encoded === null)
    throw invalid(collection, 'a bound must be text, a finite number or a boolean', index);
  return encoded;
}

function boundsAfterHead(collection: string, options: RangeOptions, head: string): EntryBounds {
  if (options.prefix !== undefined) {
    const from = `${head}${encode(collection, options.index, options.prefix).slice(0, -1)}`;
    return { from, to: afterPrefix(from) ?? boundsOfHead(head).to };
  }
  const whole = boundsOfHead(head);
  return {
    from: options.from === undefined ? whole.from : head + encode(collection, options.index, options.from),
    to: options.to === undefined ? whole.to : head + encode(collection, options.index, options.to),
  };
}

function keyRange(collection: string, options: RangeOptions): Range {
  const text = (value: unknown): string => {
    if (typeof value !== 'string') throw invalid(collection, 'a bound on the key must be text', KEY_INDEX);
    return value;
  };
  const equals = options.equals ?? [];
  if (equals.length > 0) {
    const from = text(equals[0]);
    return { index: null, from, to: `${from}\u0001` };
  }
  if (options.prefix !== undefined) {
    const from = text(options.prefix);
    return { index: null, from, to: afterPrefix(from) ?? AFTER_EVERY_KEY };
  }
  return {
    index: null,
    from: options.from === undefined ? '' : text(options.from),
    to: options.to === undefined ? AFTER_EVERY_KEY : text(options.to),
  };
}

/** Throws `invalid_query`. */
export function rangeOf(
  collection: string,
  indexes: readonly IndexDefinition[],
  options: RangeOptions,
): Range {
  const isKey = options.index === KEY_INDEX;
  const index = indexes.find((each) => each.name === options.index);
  if (!isKey && !index) throw invalid(collection, `there is no index ${options.index}`, options.index);
  const equals = options.equals ?? [];
  const bounded =
    options.prefix !== undefined || options.from !== undefined || options.to !== undefined ? 1 : 0;
  if (options.prefix !== undefined && (options.from !== undefined || options.to !== undefined))
    throw invalid(collection, 'prefix excludes from and to', options.index);
  if (options.prefix !== undefined && typeof options.prefix !== 'string')
    throw invalid(collection, 'a prefix must be text', options.index);
  if (equals.length + bounded > (index?.fields.length ?? 1))
    throw invalid(collection, 'more bounds than the index has fields', options.index);
  if (!index) return keyRange(collection, options);
  const head = equals.map((value) => encode(collection, options.index, value)).join('');
  return { index, ...boundsAfterHead(collection, options, head) };
}

export const cursorOf = (entry: string): string => Buffer.from(entry).toString('base64url');

/** UTF-8 and code point order agree; UTF-16, which `<` compares, does not. */
export const compareEntries = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Throws `invalid_query`. The bounds leave out `options.after` and what lies before it. */
export function pageRangeOf(
  collection: string,
  indexes: readonly IndexDefinition[],
  options: FindOptions,
): PageRange {
  const range = rangeOf(collection, indexes, options);
  const { limit, reverse = false, after } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw invalid(collection, `limit must be 1 to ${MAX_LIMIT}`, options.index);
  if (after === undefined) return { ...range, reverse, limit };
  const entry = Buffer.from(after, 'base64url').toString();
  if (
    cursorOf(entry) !== after ||
    compareEntries(entry, range.from) < 0 ||
    compareEntries(entry, range.to) >= 0
  )
    throw invalid(collection, 'the cursor is not one of this query', options.index);
  // The least text above `entry` is `entry` and U+0000, which no entry holds.
  return reverse
    ? { ...range, to: entry, reverse, limit }
    : { ...range, from: `${entry}\u0000`, reverse, limit };
}

/** Throws `invalid_query` for a key that cannot be one. */
export function checkKeys(collection: string, keys: readonly string[]): void {
  if (keys.length > MAX_LIMIT) throw invalid(collection, `at most ${MAX_LIMIT} keys at once`, KEY_INDEX);
  for (const key of keys) checkKey(collection, key);
}
