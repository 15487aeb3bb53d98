/**
 * libsodium `crypto_kdf_derive_from_key`: BLAKE2b of the empty message, keyed, with the subkey id (8 bytes,
 * little-endian, then 8 zero bytes) as salt and the context (8 bytes, then 8 zero bytes) as personalisation.
 * https://doc.libsodium.org/key_derivation; node:crypto has no keyed BLAKE2b, so both faces use this one.
 */
import { assertBytes, assertText, u64ToBytes } from '@lucid/bytes';
import { blake2b } from '@noble/hashes/blake2.js';

const KEY_SIZE_BYTES = 32;
const EMPTY = new Uint8Array(0);
const CONTEXT = /^[\x20-\x7e]{8}$/;

export function kdfDeriveSubkey(
  key: Uint8Array,
  subkeyId: bigint | number,
  context: string,
  sizeBytes = 32,
): Uint8Array {
  assertBytes(key, 'kdf key', KEY_SIZE_BYTES);
  assertText(context, 'kdf context');
  if (!CONTEXT.test(context)) throw new RangeError('kdf context: expected 8 ASCII characters');
  if (!Number.isInteger(sizeBytes) || sizeBytes < 16 || sizeBytes > 64) {
    throw new RangeError('kdf size: outside 16 to 64');
  }
  const salt = new Uint8Array(16);
  salt.set(u64ToBytes(subkeyId).reverse());
  const personalization = new Uint8Array(16);
  for (let at = 0; at < 8; at++) personalization[at] = context.charCodeAt(at);
  return blake2b(EMPTY, { dkLen: sizeBytes, key, salt, personalization });
}
