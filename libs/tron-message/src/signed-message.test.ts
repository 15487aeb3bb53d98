import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { ownVector, sharedVector } from '../../../vectors/locate.ts';
import { secretKeyToAddress } from './address.ts';
import { messageDigest, recoverSigner, signMessage } from './signed-message.ts';

interface Recorded {
  readonly message: string;
  readonly privateKey: string;
  readonly address: string;
  readonly digest: string;
  readonly signature: string;
}

const KEY = hexToBytes('22'.repeat(32));
const ADDRESS = secretKeyToAddress(KEY);
const ORDER = secp256k1.Point.CURVE().n;
const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
const scalars = (signature: string): { r: bigint; s: bigint; v: number } => ({
  r: BigInt(`0x${signature.slice(2, 66)}`),
  s: BigInt(`0x${signature.slice(66, 130)}`),
  v: Number.parseInt(signature.slice(130), 16),
});
const assemble = (r: bigint, s: bigint, v: number): string =>
  hex(r) + hex(s) + v.toString(16).padStart(2, '0');
const signDigest = (digest: Uint8Array): string => {
  const signed = secp256k1.sign(digest, KEY, { prehash: false, format: 'recovered' });
  return bytesToHex(signed.subarray(1)) + bytesToHex(Uint8Array.of(27 + signed[0]!));
};
const versionOne = (message: Uint8Array): string =>
  signDigest(keccak_256(concatBytes(utf8ToBytes('\x19TRON Signed Message:\n32'), message)));

const recorded = [ownVector('tron/signmessage.json'), sharedVector('../tron-fixtures/signmessage.json')]
  .filter((text) => text !== null)
  .flatMap((text) => JSON.parse(text) as Recorded[]);

describe('signatures that were recorded', () => {
  test.each(recorded)('of $message', ({ message, privateKey, address, digest, signature }) => {
    expect(`0x${bytesToHex(messageDigest(message))}`).toBe(digest);
    expect(recoverSigner(message, signature)).toEqual({ ok: true, address });
    expect(signMessage(hexToBytes(privateKey), message)).toBe(signature);
  });

  test('are five at least', () => expect(recorded.length).toBeGreaterThanOrEqual(5));
});

describe('signing and recovering', () => {
  test('every message by every key', () => {
    const keys = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((key) => secp256k1.utils.isValidSecretKey(key));
    const messages = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.uint8Array({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        const signature = signMessage(key, message);
        expect(signature).toMatch(/^0x[0-9a-f]{128}1[bc]$/);
        expect(recoverSigner(message, signature)).toEqual({ ok: true, address: secretKeyToAddress(key) });
      }),
      { numRuns: 40 },
    );
  });

  test('one flipped bit of r, s or the message never gives the same signer', () => {
    const signature = hexToBytes(signMessage(KEY, 'hello').slice(2));
    for (let bit = 0; bit < 8 * 64; bit += 7) {
      const altered = signature.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(recoverSigner('hello', bytesToHex(altered))).not.toEqual({ ok: true, address: ADDRESS });
    }
    expect(recoverSigner('hellp', bytesToHex(signature))).not.toEqual({ ok: true, address: ADDRESS });
  });

  test('the length is of bytes, and hex is text', () => {
    const expected = keccak_256(concatBytes(utf8ToBytes('\x19TRON Signed Message:\n8é漢字')));
    expect(bytesToHex(messageDigest('é漢字'))).toBe(bytesToHex(expected));
    expect(messageDigest('0x1234')).not.toEqual(messageDigest(hexToBytes('1234')));
  });

  test('v may be the bare recovery id, the digits of any case, 0x missing', () => {
    for (const message of ['hello', '0x1234']) {
      const signature = signMessage(KEY, message);
      const { r, s, v } = scalars(signature);
      const bare = assemble(r, s, v - 27);
      for (const text of [signature, bare, `0x${bare}`, bare.toUpperCase(), `0X${bare.toUpperCase()}`]) {
        expect(recoverSigner(message, text)).toEqual({ ok: true, address: ADDRESS });
      }
      const other = recoverSigner(message, assemble(r, s, v === 27 ? 28 : 27));
      expect(other.ok && other.address !== ADDRESS).toBe(true);
    }
  });
});

describe('refused signatures', () => {
  const good = signMessage(KEY, 'hello');
  const { r, s, v } = scalars(good);
  // x = 5 is the smallest x above 0 without a point: x^3 + 7 is no square.
  test.each([
    ['empty', '', 'signature-length'],
    ['only 0x', '0x', 'signature-length'],
    ['64 bytes, as EIP-2098 writes it', good.slice(0, 130), 'signature-length'],
    ['66 bytes', `${good}00`, 'signature-length'],
    ['a digit short', good.slice(0, -1), 'signature-length'],
    ['DER', `0x3044${'11'.repeat(68)}`, 'signature-length'],
    ['huge', `0x${'1'.repeat(5_000_000)}`, 'signature-length'],
    ['a letter that is no digit', `${good.slice(0, -1)}g`, 'signature-alphabet'],
    ['full-width digits', `${good.slice(0, -2)}\uff11\uff42`, 'signature-alphabet'],
    ['a line end', `${good.slice(0, -1)}\n`, 'signature-alphabet'],
    ['twice 0x', `0x0x${good.slice(4)}`, 'signature-alphabet'],
    ...[2, 3, 4, 26, 29, 30, 31, 35, 36, 37, 255].map((each) => [
      `v ${each}`,
      assemble(r, s, each),
      'signature-v',
    ]),
    ['r 0', assemble(0n, s, v), 'signature-range'],
    ['s 0', assemble(r, 0n, v), 'signature-range'],
    ['r the order', assemble(ORDER, s, v), 'signature-range'],
    ['s the order', assemble(r, ORDER, v), 'signature-range'],
    ['all ff', `${'ff'.repeat(64)}1b`, 'signature-range'],
    ['all 0', '0'.repeat(130), 'signature-range'],
    ['its malleable twin', assemble(r, ORDER - s, v === 27 ? 28 : 27), 'signature-high-s'],
    ['s just over the half', assemble(r, ORDER / 2n + 1n, v), 'signature-high-s'],
    ['an r without a point', assemble(5n, s, v), 'signature-unrecoverable'],
  ])('%s', (_, signature, why) => {
    expect(recoverSigner('hello', signature as string)).toEqual({ ok: false, why });
  });

  test('a key at infinity', () => {
    // With R = G and s = digest the key is (s R - digest G) / r: nothing.
    let message = 0;
    const digestOf = (): bigint => BigInt(`0x${bytesToHex(messageDigest(`${message}`))}`);
    while (digestOf() > ORDER / 2n) message++;
    const signature = assemble(secp256k1.Point.BASE.x, digestOf(), 27);
    expect(recoverSigner(`${message}`, signature)).toEqual({ ok: false, why: 'signature-unrecoverable' });
  });

  test('s at exactly the half is taken', () => {
    expect(recoverSigner('hello', assemble(r, ORDER / 2n, v)).ok).toBe(true);
  });

  test('noise, without a throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 140 }), fc.stringMatching(/^[0-9a-f]{130}$/)), (noise) => {
        const signer = recoverSigner('hello', noise);
        expect(signer.ok && signer.address === ADDRESS).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('other kinds of values are faults of the caller', () => {
    expect(() => recoverSigner('hello', 7 as never)).toThrow(TypeError);
    expect(() => recoverSigner(7 as never, good)).toThrow(TypeError);
    expect(() => messageDigest('\ud800')).toThrow(RangeError);
    expect(() => signMessage(new Uint8Array(32), 'hello')).toThrow(RangeError);
    expect(() => signMessage('22'.repeat(32) as never, 'hello')).toThrow(TypeError);
  });
});

describe('version 1', () => {
  test('recovers somebody else', () => {
    for (const message of ['hello', '', 'x'.repeat(31), 'x'.repeat(33), 'x'.repeat(400)]) {
      const signer = recoverSigner(message, versionOne(utf8ToBytes(message)));
      expect(signer.ok && signer.address !== ADDRESS).toBe(true);
    }
  });

  test('is version 2 only where the scheme itself overlaps', () => {
    const own = { ok: true, address: ADDRESS };
    expect(recoverSigner('x'.repeat(32), versionOne(utf8ToBytes('x'.repeat(32))))).toEqual(own);
    expect(recoverSigner('x'.repeat(320), versionOne(utf8ToBytes(`0${'x'.repeat(320)}`)))).toEqual(own);
  });
});
