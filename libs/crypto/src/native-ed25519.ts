/**
 * Ed25519 of node:crypto over raw 32-byte keys. Node takes keys only as objects, so raw keys are wrapped in their fixed DER
 * prefix (RFC 8410 section 7 and 4) and the objects are kept: making one costs as much as a signature.
 */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';
import { assertBytes, concatBytes, hexToBytes } from '@lucid/bytes';
import { isUsableEd25519PublicKey } from './ed25519-key-rules.ts';
import { randomBytes } from './native-hash.ts';
import { ED25519_KEY_SIZE_BYTES, ED25519_SIGNATURE_SIZE_BYTES, type Ed25519KeyPair } from './suite.ts';

const PKCS8_PREFIX = hexToBytes('302e020100300506032b657004220420');
const SPKI_PREFIX = hexToBytes('302a300506032b6570032100');

/** Keeps the newest `limit` results, so that keys sent by a stranger cannot fill the memory. */
function createKeyCache<T>(limit: number): (id: string, make: () => T) => T {
  const kept = new Map<string, T>();
  return (id, make) => {
    const found = kept.get(id);
    if (found !== undefined) return found;
    const made = make();
    if (kept.size >= limit) kept.delete(kept.keys().next().value as string);
    kept.set(id, made);
    return made;
  };
}

const privateKeys = createKeyCache<KeyObject>(64);
const publicKeys = createKeyCache<KeyObject>(1024);

/** Found by the hash of the seed: a text of the seed itself could never be wiped. */
function privateKeyOf(seed: Uint8Array): KeyObject {
  assertBytes(seed, 'ed25519 secret key', ED25519_KEY_SIZE_BYTES);
  return privateKeys(hash('sha256', seed, 'binary'), () => {
    const der = Buffer.from(concatBytes(PKCS8_PREFIX, seed));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return key;
  });
}

const publicKeyOf = (raw: Uint8Array): KeyObject =>
  publicKeys(Buffer.from(raw).toString('latin1'), () =>
    createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, raw)), format: 'der', type: 'spki' }),
  );

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const der = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(SPKI_PREFIX.length));
}

export function ed25519GenerateKey(): Ed25519KeyPair {
  const secretKey = randomBytes(ED25519_KEY_SIZE_BYTES);
  return { secretKey, publicKey: ed25519PublicKey(secretKey) };
}

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const key = privateKeyOf(seed);
  assertBytes(message, 'ed25519 message');
  return new Uint8Array(nodeSign(null, message, key));
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  assertBytes(publicKey, 'ed25519 public key');
  assertBytes(message, 'ed25519 message');
  assertBytes(signature, 'ed25519 signature');
  if (publicKey.length !== ED25519_KEY_SIZE_BYTES) return false;
  if (signature.length !== ED25519_SIGNATURE_SIZE_BYTES) return false;
  if (!isUsableEd25519PublicKey(publicKey)) return false;
  return nodeVerify(null, message, publicKeyOf(publicKey), signature);
}
