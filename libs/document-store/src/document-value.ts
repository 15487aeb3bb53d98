/**
 * Documents as plain data: what is allowed, how big, and as JSON.
 *
 * The limits are those that every adapter can keep: property names are not empty, do not start with `$` or `__`, hold no `.` and no
 * U+0000 (use an array of entries where names come from data); strings are well-formed Unicode; numbers are finite, and -0 becomes 0;
 * at most 64 levels.
 */
import { DocumentStoreError } from './errors.ts';

/** By `sizeBytes` of `copyDocument`. Three times this fits the 16 MiB of a BSON document. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 64;

/** Rough cost of a value or a name beyond its content, so that many tiny values count too. */
const VALUE_BYTES = 4;

// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is one of the characters refused
const BAD_NAME = /^$|^\$|^__|[.\u0000]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

export const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

interface Copy {
  readonly collection: string;
  sizeBytes: number;
}

const refuse = (copy: Copy, path: string, why: string): never => {
  throw new DocumentStoreError('invalid_document', `${copy.collection}: ${path || 'document'} ${why}`, {
    details: { collection: copy.collection },
  });
};

const isPlainObject = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

function copyText(copy: Copy, text: string, path: string): string {
  if (!isWellFormed(text)) refuse(copy, path, 'is not well-formed Unicode');
  copy.sizeBytes += Buffer.byteLength(text);
  return text;
}

function copyObject(copy: Copy, value: object, path: string, depth: number): object {
  if (!isPlainObject(value)) refuse(copy, path, 'is not plain data');
  const out: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const at = path ? `${path}/${name}` : name;
    if (BAD_NAME.test(name)) refuse(copy, at, 'has a name that stores cannot keep');
    copyText(copy, name, at);
    out[name] = copyValue(copy, each, at, depth + 1);
  }
  return out;
}

function copyValue(copy: Copy, value: unknown, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH) refuse(copy, path, `is nested deeper than ${MAX_DEPTH} levels`);
  copy.sizeBytes += VALUE_BYTES;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return copyText(copy, value, path);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(copy, path, 'is not a finite number');
    copy.sizeBytes += VALUE_BYTES;
    return value === 0 ? 0 : value;
  }
  if (value instanceof Uint8Array) {
    copy.sizeBytes += value.byteLength;
    return new Uint8Array(value);
  }
  if (Array.isArray(value))
    return value.map((each, index) => copyValue(copy, each, `${path}/${index}`, depth + 1));
  if (typeof value === 'object') return copyObject(copy, value, path, depth);
  return refuse(copy, path, `is a ${typeof value}`);
}

/** A deep copy that holds plain data only. Throws `invalid_document` or `document_too_large`. */
export function copyDocument<T extends object>(
  collection: string,
  document: T,
): { document: T; sizeBytes: number } {
  const copy: Copy = { collection, sizeBytes: 0 };
  if (Array.isArray(document) || document instanceof Uint8Array) refuse(copy, '', 'is not an object');
  const copied = copyValue(copy, document, '', 0) as T;
  if (copy.sizeBytes > MAX_DOCUMENT_BYTES) {
    throw new DocumentStoreError(
      'document_too_large',
      `${collection}: a document of ${copy.sizeBytes} bytes is above the limit of ${MAX_DOCUMENT_BYTES}`,
      { details: { collection } },
    );
  }
  return { document: copied, sizeBytes: copy.sizeBytes };
}

/** Bytes become `{"$bytes": base64}`, which no document can hold by itself. */
export const documentToJson = (document: object): string =>
  JSON.stringify(document, (_name, value) =>
    value instanceof Uint8Array
      ? { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
      : value,
  );

/** The inverse of `documentToJson`. Throws `SyntaxError` on anything that is not JSON. */
export const documentFromJson = (json: string): object =>
  JSON.parse(json, (_name, value) =>
    value !== null && typeof value === 'object' && typeof value.$bytes === 'string'
      ? new Uint8Array(Buffer.from(value.$bytes, 'base64'))
      : value,
  );
