/**
 * What both faces of this package offer: the native one (index.ts, node:crypto) and the portable one (portable.ts,
 * noble). Same names, same bytes, same errors: TypeError for a wrong kind, RangeError for a wrong length.
 */

/** Running SHA-256. `digest` ends it; a later call of either method throws. */
export interface Sha256Stream {
  update(bytes: Uint8Array): Sha256Stream;
  /** 32 bytes. */
  digest(): Uint8Array;
}

export interface Ed25519KeyPair {
  /** The 32-byte seed of RFC 8032. */
  readonly secretKey: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface CryptoSuite {
  /** SHA-256 of the parts joined: 32 bytes. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  createSha256(): Sha256Stream;
  /** `sizeBytes` bytes, 0 to 65 536, from the platform's generator. */
  randomBytes(sizeBytes: number): Uint8Array;
  /** HMAC-SHA-256 of the parts joined: 32 bytes. The key may have any length. */
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * libsodium `crypto_kdf_derive_from_key`. `key` has 32 bytes, `context` 8 ASCII characters, `subkeyId` is 0 to
   * 2^64 - 1, `sizeBytes` 16 to 64 (default 32).
   */
  kdfDeriveSubkey(
    key: Uint8Array,
    subkeyId: bigint | number,
    context: string,
    sizeBytes?: number,
  ): Uint8Array;
  ed25519GenerateKey(): Ed25519KeyPair;
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** 64 bytes, RFC 8032 pure Ed25519. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * Strict: the equation without cofactor on canonical encodings, no public key of small order, so that both faces
   * agree on every input. A public key or signature of a wrong length is false, not an error.
   */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** HChaCha20 (draft-irtf-cfrg-xchacha-03 section 2.2): key 32, nonce 16, result 32 bytes. */
  hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array;
  /** XChaCha20-Poly1305-IETF: key 32, nonce 24 bytes; ciphertext, then the 16-byte tag. */
  xchacha20poly1305Seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array;
  /** The plaintext, or null where tag, key, nonce, associated data or ciphertext do not belong together. */
  xchacha20poly1305Open(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | null;
}

export const SHA256_SIZE_BYTES = 32;
export const ED25519_KEY_SIZE_BYTES = 32;
export const ED25519_SIGNATURE_SIZE_BYTES = 64;
export const XCHACHA_KEY_SIZE_BYTES = 32;
export const XCHACHA_NONCE_SIZE_BYTES = 24;
export const POLY1305_TAG_SIZE_BYTES = 16;

/** The quota of one `getRandomValues` call, kept by both faces. */
const RANDOM_MAX_BYTES = 65_536;

export function assertRandomSize(sizeBytes: number): void {
  if (typeof sizeBytes !== 'number') throw new TypeError('randomBytes: expected number');
  if (!Number.isInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > RANDOM_MAX_BYTES) {
    throw new RangeError('randomBytes: size outside 0 to 65536');
  }
}
