/**
 * TRON addresses: 0x41 || last 20 bytes of keccak256(public key), written in base58check
 * (https://developers.tron.network/docs/account, section "Account Address Format"):
 *
 *     base58(0x41 || 20 bytes || first 4 bytes of sha256(sha256(0x41 || 20 bytes)))
 *
 * Every such text has 34 characters and begins with T. 58^34 < 2^200, so each text of 34 characters stands for one value of 25 bytes:
 * an address has one text and a text one address.
 */
import { assertBytes, assertText, concatBytes, equalBytes } from '@lucid/bytes';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Why a text is no TRON address, in the order of the checks. Closed set. */
export type AddressErrorCode =
  /** Not 34 characters. */
  | 'wrong-length'
  /** A character that base58 does not have: 0, O, I, l, space, anything outside ASCII. */
  | 'wrong-alphabet'
  /** The last 4 bytes do not belong to the others. */
  | 'wrong-checksum'
  /** A good checksum, of another kind of address: the first byte is not 0x41. */
  | 'wrong-prefix';

export class AddressError extends Error {
  readonly code: AddressErrorCode;

  /** The text itself is not in the message: addresses are not logged. */
  constructor(code: AddressErrorCode, options?: ErrorOptions) {
    super(`TRON address: ${code}`, options);
    this.name = 'AddressError';
    this.code = code;
  }
}

export const ADDRESS_SIZE_BYTES = 20;
export const ADDRESS_LENGTH = 34;
const PREFIX = 0x41;
const CHECKSUM_SIZE_BYTES = 4;
const WHOLE_SIZE_BYTES = 1 + ADDRESS_SIZE_BYTES + CHECKSUM_SIZE_BYTES;
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const checksumOf = (payload: Uint8Array): Uint8Array => sha256(sha256(payload)).slice(0, CHECKSUM_SIZE_BYTES);

function base58Encode(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (; value > 0n; value /= 58n) text = ALPHABET[Number(value % 58n)]! + text;
  return text;
}

function base58Decode(text: string): Uint8Array {
  let value = 0n;
  for (let at = 0; at < text.length; at++) {
    const digit = ALPHABET.indexOf(text[at]!);
    if (digit < 0) throw new AddressError('wrong-alphabet');
    value = value * 58n + BigInt(digit);
  }
  const bytes = new Uint8Array(WHOLE_SIZE_BYTES);
  for (let at = WHOLE_SIZE_BYTES - 1; at >= 0; at--, value >>= 8n) bytes[at] = Number(value & 0xffn);
  return bytes;
}

/**
 * The 34 characters of an address.
 *
 * @param bytes 20 bytes, without the prefix.
 * @throws TypeError where they are no Uint8Array; RangeError where they are not 20.
 */
export function bytesToAddress(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytesToAddress', ADDRESS_SIZE_BYTES);
  const payload = concatBytes(Uint8Array.of(PREFIX), bytes);
  return base58Encode(concatBytes(payload, checksumOf(payload)));
}

/** The 20 bytes of an address. @throws TypeError where `text` is no string; AddressError where it is no address. */
export function addressToBytes(text: string): Uint8Array {
  assertText(text, 'addressToBytes');
  if (text.length !== ADDRESS_LENGTH) throw new AddressError('wrong-length');
  const whole = base58Decode(text);
  const payload = whole.subarray(0, 1 + ADDRESS_SIZE_BYTES);
  if (!equalBytes(whole.subarray(payload.length), checksumOf(payload))) {
    throw new AddressError('wrong-checksum');
  }
  if (payload[0] !== PREFIX) throw new AddressError('wrong-prefix');
  return payload.slice(1);
}

export function isAddress(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    addressToBytes(value);
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}

/** @param publicKey 65 bytes, 0x04 || x || y, known to lie on the curve. */
export const uncompressedKeyToAddress = (publicKey: Uint8Array): string =>
  bytesToAddress(keccak_256(publicKey.subarray(1)).subarray(-ADDRESS_SIZE_BYTES));

/**
 * The address that a secret key owns.
 *
 * @param secretKey 32 bytes, a number from 1 to the order of secp256k1 less 1.
 * @throws TypeError where it is no Uint8Array; RangeError where it is no key.
 */
export function secretKeyToAddress(secretKey: Uint8Array): string {
  assertSecretKey(secretKey, 'secretKeyToAddress');
  return uncompressedKeyToAddress(secp256k1.getPublicKey(secretKey, false));
}

/** @throws TypeError, RangeError; neither says anything of the key's bytes. */
export function assertSecretKey(secretKey: unknown, name: string): asserts secretKey is Uint8Array {
  assertBytes(secretKey, name, 32);
  if (!secp256k1.utils.isValidSecretKey(secretKey)) throw new RangeError(`${name}: not a secret key`);
}
