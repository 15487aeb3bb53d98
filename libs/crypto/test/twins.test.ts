/** Both faces give identical bytes and identical refusals. */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { nativeCrypto, openDetached, sealInto } from '../src/index.ts';
import { portableCrypto } from '../src/portable.ts';
import type { CryptoSuite } from '../src/suite.ts';

const SUITES: readonly [string, CryptoSuite][] = [
  ['native', nativeCrypto],
  ['portable', portableCrypto],
];
const fixed = (sizeBytes: number) => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
const bytes = fc.uint8Array({ maxLength: 200 });
const both = <T>(use: (suite: CryptoSuite) => T): [T, T] => [use(nativeCrypto), use(portableCrypto)];

function expectSame<T>(use: (suite: CryptoSuite) => T): void {
  const [native, portable] = both(use);
  expect(native).toEqual(portable);
}

describe('identical bytes', () => {
  it('SHA-256 whole, in parts, streamed, and around the one-shot limit', () => {
    const sizes = fc.constantFrom(0, 1, 63, 64, 65, 4095, 4096, 4097, 10_000);
    const part = sizes.chain((size) => fc.nat(255).map((fill) => new Uint8Array(size).fill(fill)));
    fc.assert(
      fc.property(fc.array(fc.oneof(part, bytes), { maxLength: 4 }), (parts) => {
        const whole = nativeCrypto.sha256(concatBytes(...parts));
        for (const [, suite] of SUITES) {
          expect(suite.sha256(...parts)).toEqual(whole);
          const running = suite.createSha256();
          for (const each of parts) running.update(each);
          expect(running.digest()).toEqual(whole);
          expect(() => running.update(new Uint8Array(1))).toThrow();
        }
      }),
    );
    // FIPS 180-4, "abc".
    expect(bytesToHex(nativeCrypto.sha256(utf8ToBytes('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('HMAC, crypto_kdf, HChaCha20, XChaCha20-Poly1305', () => {
    fc.assert(
      fc.property(fixed(32), fixed(24), bytes, bytes, (key, nonce, plain, aad) => {
        expectSame((suite) => suite.hmacSha256(aad, plain, key));
        expectSame((suite) => suite.kdfDeriveSubkey(key, 2n ** 64n - 1n, 'lucidchk'));
        expectSame((suite) => suite.hchacha20(key, nonce.subarray(8)));
        expectSame((suite) => suite.xchacha20poly1305Seal(key, nonce, plain, aad));
      }),
    );
  });

  it('Ed25519 keys, signatures, and verdicts on changed ones', () => {
    fc.assert(
      fc.property(fixed(32), bytes, fc.nat(95 * 8), (seed, message, bit) => {
        const [publicKey] = both((suite) => suite.ed25519PublicKey(seed));
        const [signature] = both((suite) => suite.ed25519Sign(seed, message));
        expectSame((suite) => suite.ed25519PublicKey(seed));
        expectSame((suite) => suite.ed25519Sign(seed, message));
        const changed = concatBytes(publicKey, signature);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expectSame((suite) => suite.ed25519Verify(publicKey, message, signature));
        const verdicts = both((suite) =>
          suite.ed25519Verify(changed.subarray(0, 32), message, changed.subarray(32)),
        );
        expect(verdicts).toEqual([false, false]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('Ed25519 inputs on which libraries disagree', () => {
  const { Point } = ed25519;
  const message = utf8ToBytes('lucid');
  const littleEndian = (encoded: Uint8Array): bigint => BigInt(`0x${bytesToHex(encoded.slice().reverse())}`);
  const scalarBytes = (scalar: bigint): Uint8Array =>
    hexToBytes(scalar.toString(16).padStart(64, '0')).reverse();

  it('refuses a signature that holds only with the cofactor', () => {
    // Signer with secret scalar 5 and public key A = 5B + T, T of order 8: [8] makes T vanish.
    const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
    const publicKey = Point.BASE.multiply(5n).add(torsion).toBytes();
    const r = Point.BASE.multiply(7n).toBytes();
    const k = littleEndian(sha512(concatBytes(r, publicKey, message))) % Point.Fn.ORDER;
    const signature = concatBytes(r, scalarBytes((7n + 5n * k) % Point.Fn.ORDER));
    if (k % 8n === 0n) throw new Error('unlucky message: the torsion vanishes by itself');
    expect(ed25519.verify(signature, message, publicKey, { zip215: false })).toBe(true);
    expect(both((suite) => suite.ed25519Verify(publicKey, message, signature))).toEqual([false, false]);
  });

  it('refuses every encoding of every point of small order, though equation and encodings fit', () => {
    const generator = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
    let point = Point.ZERO;
    for (let times = 0; times < 8; times++, point = point.add(generator)) {
      expect(point.isSmallOrder()).toBe(true);
      const publicKey = point.toBytes();
      const signature = concatBytes(Point.ZERO.toBytes(), new Uint8Array(32));
      expect(both((suite) => suite.ed25519Verify(publicKey, message, signature))).toEqual([false, false]);
      publicKey[31]! ^= 0x80;
      expect(both((suite) => suite.ed25519Verify(publicKey, message, signature))).toEqual([false, false]);
    }
  });

  it('refuses keys of y >= p and keys that are no point, without an error', () => {
    const full = new Uint8Array(32).fill(0xff);
    for (let low = 0xed; low <= 0xff; low++) {
      full[0] = low;
      for (const high of [0x7f, 0xff]) {
        full[31] = high;
        const verdicts = both((suite) => suite.ed25519Verify(full, message, new Uint8Array(64)));
        expect(verdicts).toEqual([false, false]);
      }
    }
    const noPoint = hexToBytes(`02${'00'.repeat(31)}`);
    expect(both((suite) => suite.ed25519Verify(noPoint, message, new Uint8Array(64)))).toEqual([
      false,
      false,
    ]);
  });

  it('agrees on arbitrary keys and signatures', () => {
    fc.assert(
      fc.property(fixed(32), fixed(64), bytes, (key, signature, text) => {
        expect(both((suite) => suite.ed25519Verify(key, text, signature))).toEqual([false, false]);
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(SUITES)('contract, %s', (_, suite) => {
  const key = new Uint8Array(32);
  const nonce = new Uint8Array(24);
  const none = new Uint8Array(0);
  const wrong = 'text' as unknown as Uint8Array;

  it('opens what it sealed and refuses each flipped bit of each input', () => {
    const plain = utf8ToBytes('evidence');
    const aad = utf8ToBytes('header');
    const sealed = suite.xchacha20poly1305Seal(key, nonce, plain, aad);
    expect(suite.xchacha20poly1305Open(key, nonce, sealed, aad)).toEqual(plain);
    const inputs = [key, nonce, sealed, aad] as const;
    inputs.forEach((input, which) => {
      for (let bit = 0; bit < input.length * 8; bit++) {
        const changed = input.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const [k, n, s, a] = inputs.map((each, at) => (at === which ? changed : each)) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
        expect(suite.xchacha20poly1305Open(k, n, s, a)).toBeNull();
      }
    });
    for (let size = 0; size < sealed.length; size++) {
      expect(suite.xchacha20poly1305Open(key, nonce, sealed.subarray(0, size), aad)).toBeNull();
    }
  });

  it('generates keys that sign, and random bytes of the size asked for', () => {
    const { secretKey, publicKey } = suite.ed25519GenerateKey();
    const other = suite.ed25519GenerateKey();
    expect(bytesToHex(other.secretKey)).not.toBe(bytesToHex(secretKey));
    expect(suite.ed25519Verify(publicKey, none, suite.ed25519Sign(secretKey, none))).toBe(true);
    expect(suite.ed25519Verify(other.publicKey, none, suite.ed25519Sign(secretKey, none))).toBe(false);
    for (const size of [0, 1, 32, 65_536]) expect(suite.randomBytes(size)).toHaveLength(size);
    expect(suite.randomBytes(32)).not.toEqual(suite.randomBytes(32));
  });

  it('does not sign with a kept key after its seed was overwritten', () => {
    const { secretKey, publicKey } = suite.ed25519GenerateKey();
    suite.ed25519Sign(secretKey, none);
    secretKey.fill(1);
    expect(suite.ed25519Verify(publicKey, none, suite.ed25519Sign(secretKey, none))).toBe(false);
  });

  it('answers a wrong length with a RangeError', () => {
    const short = new Uint8Array(31);
    const uses: (() => unknown)[] = [
      () => suite.hchacha20(short, new Uint8Array(16)),
      () => suite.hchacha20(key, new Uint8Array(15)),
      () => suite.kdfDeriveSubkey(short, 0, 'lucidchk'),
      () => suite.kdfDeriveSubkey(key, -1, 'lucidchk'),
      () => suite.kdfDeriveSubkey(key, 2n ** 64n, 'lucidchk'),
      () => suite.kdfDeriveSubkey(key, 0, 'lucidch'),
      () => suite.kdfDeriveSubkey(key, 0, 'lucidché'),
      () => suite.kdfDeriveSubkey(key, 0, 'lucidchk', 15),
      () => suite.kdfDeriveSubkey(key, 0, 'lucidchk', 65),
      () => suite.ed25519PublicKey(short),
      () => suite.ed25519Sign(short, none),
      () => suite.xchacha20poly1305Seal(short, nonce, none, none),
      () => suite.xchacha20poly1305Seal(key, key, none, none),
      () => suite.xchacha20poly1305Open(short, nonce, none, none),
      () => suite.xchacha20poly1305Open(key, key, none, none),
      () => suite.randomBytes(-1),
      () => suite.randomBytes(65_537),
      () => suite.randomBytes(0.5),
    ];
    for (const use of uses) expect(use).toThrow(RangeError);
    expect(suite.ed25519Verify(short, none, new Uint8Array(64))).toBe(false);
    expect(suite.ed25519Verify(key, none, new Uint8Array(63))).toBe(false);
  });

  it('answers a wrong kind with a TypeError', () => {
    const uses: (() => unknown)[] = [
      () => suite.sha256(wrong),
      () => suite.sha256(none, wrong),
      () => suite.createSha256().update(wrong),
      () => suite.hmacSha256(wrong),
      () => suite.hmacSha256(key, wrong),
      () => suite.hchacha20(wrong, key),
      () => suite.kdfDeriveSubkey(wrong, 0, 'lucidchk'),
      () => suite.kdfDeriveSubkey(key, '0' as unknown as number, 'lucidchk'),
      () => suite.kdfDeriveSubkey(key, 0, key as unknown as string),
      () => suite.ed25519PublicKey(wrong),
      () => suite.ed25519Sign(wrong, none),
      () => suite.ed25519Sign(key, wrong),
      () => suite.ed25519Verify(wrong, none, none),
      () => suite.ed25519Verify(key, wrong, none),
      () => suite.ed25519Verify(key, none, wrong),
      () => suite.xchacha20poly1305Seal(wrong, nonce, none, none),
      () => suite.xchacha20poly1305Seal(key, wrong, none, none),
      () => suite.xchacha20poly1305Seal(key, nonce, wrong, none),
      () => suite.xchacha20poly1305Seal(key, nonce, none, wrong),
      () => suite.xchacha20poly1305Open(key, nonce, wrong, none),
      () => suite.xchacha20poly1305Open(key, nonce, none, wrong),
      () => suite.randomBytes('1' as unknown as number),
    ];
    for (const use of uses) expect(use).toThrow(TypeError);
  });
});

describe('parts for the hot loop', () => {
  it('are what the whole call joins', () => {
    fc.assert(
      fc.property(fixed(32), fixed(24), bytes, bytes, (key, nonce, plain, aad) => {
        const { ciphertext, tag } = sealInto({ key, nonce, aad, plain });
        expect(concatBytes(ciphertext, tag)).toEqual(
          portableCrypto.xchacha20poly1305Seal(key, nonce, plain, aad),
        );
        const opened = openDetached({ key, nonce, aad, ciphertext, tag });
        expect(opened && bytesToHex(opened)).toBe(bytesToHex(plain));
        tag[0]! ^= 1;
        expect(openDetached({ key, nonce, aad, ciphertext, tag })).toBeNull();
      }),
    );
  });

  it('check their inputs', () => {
    const good = { key: new Uint8Array(32), nonce: new Uint8Array(24), aad: new Uint8Array(0) };
    const none = new Uint8Array(0);
    expect(() => sealInto({ ...good, plain: 'x' as unknown as Uint8Array })).toThrow(TypeError);
    expect(() => openDetached({ ...good, ciphertext: none, tag: none })).toThrow(RangeError);
    expect(() => sealInto({ ...good, key: none, plain: none })).toThrow(RangeError);
  });
});
