/**
 * Base64 of RFC 4648 section 4, padded. Decoding is canonical (section 3.5): each byte string has one text, so missing or
 * extra padding, line ends, the URL alphabet and stray bits behind the last byte are refused.
 */
import { assertBytes, assertText } from './check.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
const BAD = 255;

/** Two digits for each 12 bits: halves the string operations of the encoder. */
const PAIR_OF_12_BITS: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET[bits >> 6]! + ALPHABET[bits & 63]!,
);

const SEXTET_OF_CODE = new Uint8Array(128).fill(BAD);
for (let value = 0; value < 64; value++) SEXTET_OF_CODE[ALPHABET.charCodeAt(value)] = value;

const malformed = (): RangeError => new RangeError('base64ToBytes: not canonical base64');

/** @throws TypeError where `bytes` is no Uint8Array. */
export function bytesToBase64(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytesToBase64');
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let at = 0; at < whole; at += 3) {
    const bits = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    text += PAIR_OF_12_BITS[bits >> 12]! + PAIR_OF_12_BITS[bits & 4095]!;
  }
  if (bytes.length - whole === 1) text += `${PAIR_OF_12_BITS[bytes[whole]! << 4]}==`;
  if (bytes.length - whole === 2) {
    const bits = (bytes[whole]! << 10) | (bytes[whole + 1]! << 2);
    text += `${PAIR_OF_12_BITS[bits >> 6]}${ALPHABET[bits & 63]}=`;
  }
  return text;
}

function sextetAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const sextet = code < 128 ? SEXTET_OF_CODE[code]! : BAD;
  if (sextet === BAD) throw malformed();
  return sextet;
}

function paddingOf(text: string): number {
  if (text.length % 4 !== 0) throw malformed();
  if (text.charCodeAt(text.length - 1) !== PAD) return 0;
  return text.charCodeAt(text.length - 2) === PAD ? 2 : 1;
}

/** @throws TypeError where `text` is no string; RangeError where it is not the canonical text of any bytes. */
export function base64ToBytes(text: string): Uint8Array {
  assertText(text, 'base64ToBytes');
  const padding = paddingOf(text);
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const wholeDigits = padding === 0 ? text.length : text.length - 4;
  let to = 0;
  let at = 0;
  for (; at < wholeDigits; at += 4) {
    const bits =
      (sextetAt(text, at) << 18) |
      (sextetAt(text, at + 1) << 12) |
      (sextetAt(text, at + 2) << 6) |
      sextetAt(text, at + 3);
    bytes[to++] = bits >> 16;
    bytes[to++] = bits >> 8;
    bytes[to++] = bits;
  }
  if (padding === 0) return bytes;
  const head = (sextetAt(text, at) << 12) | (sextetAt(text, at + 1) << 6);
  const bits = padding === 1 ? head | sextetAt(text, at + 2) : head;
  const stray = padding === 1 ? bits & 0x3 : bits & 0x3ff;
  if (stray !== 0) throw malformed();
  bytes[to++] = bits >> 10;
  if (padding === 1) bytes[to] = bits >> 2;
  return bytes;
}
