/**
 * RFC 8785 (JSON Canonicalization Scheme), writing. The `canonicalize` package does the text; what it would drop, replace or
 * write wrongly (undefined, holes, class instances, deep nesting) is refused here first, so each text stands for one value.
 */
import { isWellFormedText, utf8ToBytes } from '@lucid/bytes';
import canonicalize from 'canonicalize';
import { JcsError } from './error.ts';

/** Nesting of arrays and objects, both ways. */
export const JCS_MAX_DEPTH = 64;

function assertTextual(text: string): void {
  if (!isWellFormedText(text)) throw new JcsError('lone-surrogate');
}

function assertPlainObject(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has a prototype of its own whose prototype is null.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!plain || Object.getOwnPropertySymbols(value).length > 0) throw new JcsError('unsupported-type');
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') throw new JcsError('unsupported-type');
}

function assertContainer(value: object, ancestors: readonly object[]): void {
  if (ancestors.includes(value)) throw new JcsError('cyclic');
  if (ancestors.length === JCS_MAX_DEPTH) throw new JcsError('too-deep');
  const within = [...ancestors, value];
  if (Array.isArray(value)) {
    // for…of gives undefined for a hole, which is then refused.
    for (const element of value) assertWritable(element, within);
    return;
  }
  assertPlainObject(value);
  for (const [name, member] of Object.entries(value)) {
    assertTextual(name);
    assertWritable(member, within);
  }
}

function assertWritable(value: unknown, ancestors: readonly object[]): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') assertTextual(value);
  else if (typeof value === 'object') assertContainer(value, ancestors);
  else if (typeof value !== 'number') throw new JcsError('unsupported-type');
  else if (!Number.isFinite(value)) throw new JcsError('not-finite');
}

/** @throws JcsError `unsupported-type`, `not-finite`, `lone-surrogate`, `cyclic` or `too-deep`. */
export function canonicalJson(value: unknown): string {
  assertWritable(value, []);
  return canonicalize(value) as string;
}

/** The UTF-8 bytes of `canonicalJson`. @throws JcsError as `canonicalJson` does. */
export const canonicalBytes = (value: unknown): Uint8Array => utf8ToBytes(canonicalJson(value));
