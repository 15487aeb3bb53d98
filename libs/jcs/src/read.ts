/**
 * RFC 8785, strict reading: bytes are accepted only where they are exactly what `canonicalBytes` writes for the value they stand for. This
 * refuses duplicate members, other orders, spaces, escapes and number forms without a parser of our own.
 */
import { assertBytes, bytesToUtf8 } from '@lucid/bytes';
import { JcsError } from './error.ts';
import { canonicalJson, JCS_MAX_DEPTH } from './write.ts';

/** Default limit of a document. */
export const JCS_MAX_BYTES = 16 * 1024 * 1024;

export interface ParseCanonicalOptions {
  /** Default `JCS_MAX_BYTES`. */
  readonly maxBytes?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const opens = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const closes = (byte: number): boolean => byte === 0x5d || byte === 0x7d;

/** Counted before anything is built from the bytes, so depth costs an attacker's document nothing but its scan. */
function assertShallow(bytes: Uint8Array): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (opens(byte)) {
      if (++depth > JCS_MAX_DEPTH) throw new JcsError('too-deep');
    } else if (closes(byte)) depth--;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return bytesToUtf8(bytes);
  } catch (cause) {
    throw new JcsError('not-utf8', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JcsError('not-json', { cause });
  }
}

/** Numbers such as 1e400 parse to infinity; texts may hold an escaped lone surrogate: neither has a canonical form. */
function rewrite(value: unknown): string {
  try {
    return canonicalJson(value);
  } catch (cause) {
    throw new JcsError('not-canonical', { cause });
  }
}

/**
 * The value of a canonical document.
 *
 * @throws TypeError where `bytes` is no Uint8Array; JcsError `too-large`, `too-deep`, `not-utf8`, `not-json` or
 *   `not-canonical`.
 */
export function parseCanonical(bytes: Uint8Array, options: ParseCanonicalOptions = {}): unknown {
  assertBytes(bytes, 'parseCanonical');
  if (bytes.length > (options.maxBytes ?? JCS_MAX_BYTES)) throw new JcsError('too-large');
  assertShallow(bytes);
  const text = decode(bytes);
  const value = parse(text);
  if (rewrite(value) !== text) throw new JcsError('not-canonical');
  return value;
}
