/** Lower-case hex. One text per value: upper case, prefixes and spaces are refused. */
import { assertBytes, assertText } from './check.ts';

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

const BAD = 255;
const NIBBLE_OF_CODE = new Uint8Array(128).fill(BAD);
for (let value = 0; value < 16; value++) NIBBLE_OF_CODE[value.toString(16).charCodeAt(0)] = value;

const nibbleAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code < 128 ? NIBBLE_OF_CODE[code]! : BAD;
};

/** @throws TypeError where `bytes` is no Uint8Array. */
export function bytesToHex(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytesToHex');
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += HEX_OF_BYTE[bytes[at]!];
  return text;
}

/** @throws TypeError where `text` is no string; RangeError where it is not lower-case hex of whole bytes. */
export function hexToBytes(text: string): Uint8Array {
  assertText(text, 'hexToBytes');
  if (text.length % 2 !== 0) throw new RangeError('hexToBytes: odd number of digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    const high = nibbleAt(text, 2 * at);
    const low = nibbleAt(text, 2 * at + 1);
    if (high === BAD || low === BAD) throw new RangeError('hexToBytes: not lower-case hex');
    bytes[at] = (high << 4) | low;
  }
  return bytes;
}

/** True where `value` is the lower-case hex of exactly `sizeBytes` bytes (of any whole number without it). */
export function isHex(value: unknown, sizeBytes?: number): value is string {
  if (typeof value !== 'string' || value.length % 2 !== 0) return false;
  if (sizeBytes !== undefined && value.length !== 2 * sizeBytes) return false;
  for (let at = 0; at < value.length; at++) if (nibbleAt(value, at) === BAD) return false;
  return true;
}
