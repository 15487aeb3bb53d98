/** UTF-8 without loss: what cannot be written or read exactly is refused, never replaced. */
import { assertBytes, assertText } from './check.ts';

const encoder = new TextEncoder();
// ignoreBOM keeps a leading U+FEFF in the text; without it two byte strings would give one text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** With the u flag a surrogate pair is one character, so only a lone surrogate matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** True where the text has no lone surrogate, that is where it can be written as UTF-8. */
export const isWellFormedText = (text: string): boolean => !LONE_SURROGATE.test(text);

/** @throws TypeError where `text` is no string; RangeError where it holds a lone surrogate. */
export function utf8ToBytes(text: string): Uint8Array {
  assertText(text, 'utf8ToBytes');
  if (!isWellFormedText(text)) throw new RangeError('utf8ToBytes: lone surrogate');
  return encoder.encode(text);
}

/** @throws TypeError where `bytes` is no Uint8Array; RangeError where it is not valid UTF-8. */
export function bytesToUtf8(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytesToUtf8');
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new RangeError('bytesToUtf8: not valid UTF-8', { cause });
  }
}
