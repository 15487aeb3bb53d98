/** libsodium itself as the reference of what the evidence format names by libsodium's names. */
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { nativeCrypto } from '../src/index.ts';
import { portableCrypto } from '../src/portable.ts';
import type { CryptoSuite } from '../src/suite.ts';

const SUITES: readonly [string, CryptoSuite][] = [
  ['native', nativeCrypto],
  ['portable', portableCrypto],
];

const fixed = (sizeBytes: number) => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
const bytes = fc.uint8Array({ maxLength: 300 });

beforeAll(() => sodium.ready);

describe.each(SUITES)('%s against libsodium', (_, suite) => {
  it('derives the subkeys of crypto_kdf', () => {
    const context = fc.string({ unit: fc.constantFrom(...'abcXYZ09_ ~'), minLength: 8, maxLength: 8 });
    const id = fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs));
    fc.assert(
      fc.property(fixed(32), id, context, fc.integer({ min: 16, max: 64 }), (key, subkeyId, name, size) => {
        // The wrapper takes ids of 32 bits as numbers and larger ones as bigint.
        const reference = sodium.crypto_kdf_derive_from_key(
          size,
          BigInt(subkeyId) as unknown as number,
          name,
          key,
        );
        expect(suite.kdfDeriveSubkey(key, subkeyId, name, size)).toEqual(reference);
        expect(suite.kdfDeriveSubkey(key, BigInt(subkeyId), name, size)).toEqual(reference);
      }),
    );
  });

  it('seals and opens crypto_aead_xchacha20poly1305_ietf', () => {
    fc.assert(
      fc.property(fixed(32), fixed(24), bytes, bytes, (key, nonce, plain, aad) => {
        const reference = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, aad, null, nonce, key);
        expect(suite.xchacha20poly1305Seal(key, nonce, plain, aad)).toEqual(reference);
        expect(suite.xchacha20poly1305Open(key, nonce, reference, aad)).toEqual(plain);
      }),
    );
  });

  it('computes HChaCha20 (draft-irtf-cfrg-xchacha-03 section 2.2.1; not in this build of libsodium)', () => {
    const key = Uint8Array.from({ length: 32 }, (_unused, at) => at);
    const nonce = hexToBytes('000000090000004a0000000031415927');
    expect(bytesToHex(suite.hchacha20(key, nonce))).toBe(
      '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc',
    );
  });

  it('makes the keys and signatures of crypto_sign', () => {
    fc.assert(
      fc.property(fixed(32), bytes, (seed, message) => {
        const pair = sodium.crypto_sign_seed_keypair(seed);
        const signature = suite.ed25519Sign(seed, message);
        expect(suite.ed25519PublicKey(seed)).toEqual(pair.publicKey);
        expect(signature).toEqual(sodium.crypto_sign_detached(message, pair.privateKey));
        expect(suite.ed25519Verify(pair.publicKey, message, signature)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
