/** Ed25519 of noble, with the same strict verification as OpenSSL's (see `isUsableEd25519PublicKey`). */
import { assertBytes, equalBytes } from '@lucid/bytes';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { isUsableEd25519PublicKey } from './ed25519-key-rules.ts';
import { ED25519_KEY_SIZE_BYTES, ED25519_SIGNATURE_SIZE_BYTES, type Ed25519KeyPair } from './suite.ts';

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  assertBytes(seed, 'ed25519 secret key', ED25519_KEY_SIZE_BYTES);
  return ed25519.getPublicKey(seed);
}

export function ed25519GenerateKey(): Ed25519KeyPair {
  const secretKey = ed25519.utils.randomSecretKey();
  return { secretKey, publicKey: ed25519PublicKey(secretKey) };
}

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  assertBytes(seed, 'ed25519 secret key', ED25519_KEY_SIZE_BYTES);
  assertBytes(message, 'ed25519 message');
  return ed25519.sign(message, seed);
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

function pointOf(encoded: Uint8Array): InstanceType<typeof Point> | null {
  try {
    return Point.fromBytes(encoded);
  } catch {
    return null;
  }
}

/**
 * RFC 8032 section 5.1.7 without the cofactor: encode([S]B - [k]A) must be the bytes of R. noble's own `verify` multiplies by
 * the cofactor and so accepts signatures, made by a dishonest signer, that OpenSSL and Go refuse.
 */
function fitsWithoutCofactor(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const a = pointOf(publicKey);
  if (s >= ORDER || a === null) return false;
  const k = littleEndian(sha512.create().update(encodedR).update(publicKey).update(message).digest()) % ORDER;
  const r = Point.BASE.multiplyUnsafe(s).add(a.negate().multiplyUnsafe(k));
  return equalBytes(r.toBytes(), encodedR);
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  assertBytes(publicKey, 'ed25519 public key');
  assertBytes(message, 'ed25519 message');
  assertBytes(signature, 'ed25519 signature');
  if (publicKey.length !== ED25519_KEY_SIZE_BYTES) return false;
  if (signature.length !== ED25519_SIGNATURE_SIZE_BYTES) return false;
  if (!isUsableEd25519PublicKey(publicKey)) return false;
  return fitsWithoutCofactor(publicKey, message, signature);
}
