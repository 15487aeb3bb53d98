/**
 * Onion addresses of version 3 (rend-spec-v3 section 6) and the keys behind them:
 *
 *     address = base32(PUBLIC_KEY || CHECKSUM || 3) ".onion"       32, 2 and 1 bytes
 *     CHECKSUM = first 2 bytes of SHA3-256(".onion checksum" || PUBLIC_KEY || 3)
 *
 * Tor takes a secret key expanded: SHA-512 of the 32 bytes that RFC 8032 begins with, clamped.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const VERSION = 3;
const PUBLIC_KEY_BYTES = 32;
const ADDRESS_BYTES = 35;
const SERVICE_ID = /^[a-z2-7]{56}$/;

/** RFC 4648 base32 in lower case, without padding. */
export function bytesToBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** Bytes of a text in either case, without padding; null where it is not the one text of them. */
export function base32ToBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text.toLowerCase()) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytesToBase32(bytes) === text.toLowerCase() ? bytes : null;
}

const checksumOf = (publicKey: Uint8Array): Uint8Array =>
  createHash('sha3-256')
    .update('.onion checksum')
    .update(publicKey)
    .update(Uint8Array.of(VERSION))
    .digest()
    .subarray(0, 2);

/** The address without `.onion`. */
export const serviceIdOf = (publicKey: Uint8Array): string =>
  bytesToBase32(Buffer.concat([publicKey, checksumOf(publicKey), Uint8Array.of(VERSION)]));

/** 56 letters whose checksum and version are right. */
export function isServiceId(text: string): boolean {
  const bytes = SERVICE_ID.test(text) ? base32ToBytes(text) : null;
  return bytes?.length === ADDRESS_BYTES && serviceIdOf(bytes.subarray(0, PUBLIC_KEY_BYTES)) === text;
}

/** @throws TypeError */
export function assertServiceId(text: string): void {
  if (!isServiceId(text)) throw new TypeError('this is no onion address of version 3');
}

export const isClientPublicKey = (text: string): boolean =>
  text.length === 52 && base32ToBytes(text)?.length === PUBLIC_KEY_BYTES;

export interface OnionKey {
  readonly serviceId: string;
  /** As `ADD_ONION` takes it: base64 of 64 bytes. */
  readonly key: string;
}

/** The key of an onion service, from the 32 secret bytes of RFC 8032. */
export function onionKeyOf(seed: Uint8Array): OnionKey {
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey)
    .export({ format: 'der', type: 'spki' })
    .subarray(-PUBLIC_KEY_BYTES);
  const expanded = createHash('sha512').update(seed).digest();
  expanded[0] = (expanded[0] as number) & 248;
  expanded[31] = ((expanded[31] as number) & 63) | 64;
  return { serviceId: serviceIdOf(publicKey), key: expanded.toString('base64') };
}

export interface ClientKeyPair {
  /** X25519, base32: what an onion service is told. */
  readonly publicKey: string;
  /** X25519, base32: what the client's Tor holds (`ADDRESS:descriptor:x25519:KEY` in a file of `ClientOnionAuthDir`). */
  readonly privateKey: string;
}

export function createClientKeyPair(): ClientKeyPair {
  const { privateKey } = generateKeyPairSync('x25519');
  return clientKeyPairOf(privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32));
}

/** The pair of 32 secret bytes. */
export function clientKeyPairOf(secret: Uint8Array): ClientKeyPair {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]);
  const publicKey = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return {
    publicKey: bytesToBase32(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
    privateKey: bytesToBase32(secret),
  };
}
