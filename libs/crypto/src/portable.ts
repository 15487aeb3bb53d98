/**
 * The portable face: noble only, no node: import, for browsers and for the second opinion. Same names and same bytes as
 * index.ts, about ten times slower.
 */
import { assertBytes } from '@lucid/bytes';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { randomBytes as nobleRandomBytes } from '@noble/hashes/utils.js';
import { hchacha20 } from './hchacha.ts';
import { kdfDeriveSubkey } from './kdf.ts';
import { ed25519GenerateKey, ed25519PublicKey, ed25519Sign, ed25519Verify } from './portable-ed25519.ts';
import {
  assertRandomSize,
  type CryptoSuite,
  POLY1305_TAG_SIZE_BYTES,
  type Sha256Stream,
  XCHACHA_KEY_SIZE_BYTES,
  XCHACHA_NONCE_SIZE_BYTES,
} from './suite.ts';

export type { CryptoSuite, Ed25519KeyPair, Sha256Stream } from './suite.ts';
export { ed25519GenerateKey, ed25519PublicKey, ed25519Sign, ed25519Verify, hchacha20, kdfDeriveSubkey };

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const running = nobleSha256.create();
  for (const part of parts) {
    assertBytes(part, 'sha256');
    running.update(part);
  }
  return running.digest();
}

export function createSha256(): Sha256Stream {
  const running = nobleSha256.create();
  const stream: Sha256Stream = {
    update(bytes) {
      assertBytes(bytes, 'sha256');
      running.update(bytes);
      return stream;
    },
    digest: () => running.digest(),
  };
  return stream;
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  assertBytes(key, 'hmacSha256 key');
  const running = hmac.create(nobleSha256, key);
  for (const part of parts) {
    assertBytes(part, 'hmacSha256');
    running.update(part);
  }
  return running.digest();
}

export function randomBytes(sizeBytes: number): Uint8Array {
  assertRandomSize(sizeBytes);
  return nobleRandomBytes(sizeBytes);
}

function assertXChaChaInput(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): void {
  assertBytes(key, 'xchacha20poly1305 key', XCHACHA_KEY_SIZE_BYTES);
  assertBytes(nonce, 'xchacha20poly1305 nonce', XCHACHA_NONCE_SIZE_BYTES);
  assertBytes(aad, 'xchacha20poly1305 aad');
}

export function xchacha20poly1305Seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  assertXChaChaInput(key, nonce, aad);
  assertBytes(plain, 'xchacha20poly1305 plain');
  return xchacha20poly1305(key, nonce, aad).encrypt(plain);
}

export function xchacha20poly1305Open(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): Uint8Array | null {
  assertXChaChaInput(key, nonce, aad);
  assertBytes(sealed, 'xchacha20poly1305 sealed');
  if (sealed.length < POLY1305_TAG_SIZE_BYTES) return null;
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(sealed);
  } catch {
    return null;
  }
}

/** All of it as one value, for code that takes its cryptography as an argument. */
export const portableCrypto: CryptoSuite = {
  sha256,
  createSha256,
  randomBytes,
  hmacSha256,
  kdfDeriveSubkey,
  ed25519GenerateKey,
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
  hchacha20,
  xchacha20poly1305Seal,
  xchacha20poly1305Open,
};
