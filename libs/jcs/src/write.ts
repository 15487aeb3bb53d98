/**
 * RFC 8785 (JSON Canonicalization Scheme), writing, in one pass that checks and writes. ECMAScript's own JSON text of a number or
 * string is the canonical one (sections 3.2.2.2 and 3.2.2.3), and the default sort is by UTF-16 units (section 3.2.3), so what remains is to
 * refuse what JSON would drop or replace: each text stands for one value. Compared with the package `canonicalize` in the tests.
 */
import { isWellFormedText, utf8ToBytes } from '@lucid/bytes';
import { JcsError } from './error.ts';

/** Nesting of arrays and objects, both ways. */
export const JCS_MAX_DEPTH = 64;

function writeText(text: string): string {
  if (!isWellFormedText(text)) throw new JcsError('lone-surrogate');
  return JSON.stringify(text);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new JcsError('not-finite');
  return JSON.stringify(value);
}

function assertPlainObject(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has a prototype of its own whose prototype is null.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!plain || Object.getOwnPropertySymbols(value).length > 0) throw new JcsError('unsupported-type');
}

function writeArray(elements: readonly unknown[], ancestors: object[]): string {
  const parts: string[] = [];
  // for…of gives undefined for a hole, which is then refused.
  for (const element of elements) parts.push(write(element, ancestors));
  return `[${parts.join(',')}]`;
}

function writeObject(value: Readonly<Record<string, unknown>>, ancestors: object[]): string {
  assertPlainObject(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${writeText(name)}:${write(value[name], ancestors)}`);
  return `{${members.join(',')}}`;
}

function writeContainer(value: object, ancestors: object[]): string {
  if (ancestors.includes(value)) throw new JcsError('cyclic');
  if (ancestors.length === JCS_MAX_DEPTH) throw new JcsError('too-deep');
  ancestors.push(value);
  const text = Array.isArray(value)
    ? writeArray(value, ancestors)
    : writeObject(value as Readonly<Record<string, unknown>>, ancestors);
  ancestors.pop();
  return text;
}

function write(value: unknown, ancestors: object[]): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      return writeNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return writeContainer(value, ancestors);
    default:
      throw new JcsError('unsupported-type');
  }
}

/** @throws JcsError `unsupported-type`, `not-finite`, `lone-surrogate`, `cyclic` or `too-deep`. */
export const canonicalJson = (value: unknown): string => write(value, []);

/** The UTF-8 bytes of `canonicalJson`. @throws JcsError as `canonicalJson` does. */
export const canonicalBytes = (value: unknown): Uint8Array => utf8ToBytes(canonicalJson(value));
