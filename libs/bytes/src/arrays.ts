import { assertBytes } from './check.ts';

/** @throws TypeError where a part is no Uint8Array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) {
    assertBytes(part, 'concatBytes');
    sizeBytes += part.length;
  }
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Equal length and content. The time depends on the lengths only, as far as a JavaScript engine allows.
 *
 * @throws TypeError where an argument is no Uint8Array.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  assertBytes(a, 'equalBytes');
  assertBytes(b, 'equalBytes');
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!;
  return difference === 0;
}

/**
 * Order of unsigned bytes, a prefix before what it begins: negative, 0 or positive. Not for secrets.
 *
 * @throws TypeError where an argument is no Uint8Array.
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  assertBytes(a, 'compareBytes');
  assertBytes(b, 'compareBytes');
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return a.length - b.length;
}

const U64_MAX = (1n << 64n) - 1n;

/**
 * Eight bytes, big-endian.
 *
 * @throws TypeError where `value` is neither bigint nor number; RangeError where it is a number that is no safe
 *   integer, negative, or above 2^64 - 1.
 */
export function u64ToBytes(value: bigint | number): Uint8Array {
  if (typeof value !== 'bigint' && typeof value !== 'number') {
    throw new TypeError('u64ToBytes: expected bigint or number');
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError('u64ToBytes: not a safe integer');
  }
  const integer = BigInt(value);
  if (integer < 0n || integer > U64_MAX) throw new RangeError('u64ToBytes: outside 0 to 2^64 - 1');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, integer);
  return bytes;
}

/**
 * The eight bytes at `offset`, big-endian.
 *
 * @throws TypeError where `bytes` is no Uint8Array; RangeError where they do not lie inside it.
 */
export function bytesToU64(bytes: Uint8Array, offset = 0): bigint {
  assertBytes(bytes, 'bytesToU64');
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + 8 > bytes.length) {
    throw new RangeError('bytesToU64: outside the bytes');
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset);
}
