import { expect, test } from '@jest/globals';
import { bytesToHex } from '@lucid/bytes';
import fc from 'fast-check';
import { recoverSigner as fast } from './fast-recovery.ts';
import { recoverSigner, signMessage } from './signed-message.ts';

const secretKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((key) => key[0] !== 0xff && key[0] !== 0);

test('good signatures have the same signer', () => {
  fc.assert(
    fc.property(secretKey, fc.string({ unit: 'grapheme-ascii', maxLength: 400 }), (key, text) => {
      const signature = signMessage(key, text);
      expect(fast(text, signature)).toEqual(recoverSigner(text, signature));
      expect(fast(text, signature).ok).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('any 65 bytes are judged alike', () => {
  const outcomes = new Set<string>();
  const bytes = fc.tuple(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((s) => s.map((each, at) => (at === 0 ? each & 0x7f : each))),
    fc.constantFrom(0, 1, 27, 28, 29),
  );
  fc.assert(
    fc.property(bytes, fc.string({ maxLength: 8 }), ([r, s, v], text) => {
      const signature = `0x${bytesToHex(r)}${bytesToHex(s)}${bytesToHex(Uint8Array.of(v))}`;
      const judged = fast(text, signature);
      expect(judged).toEqual(recoverSigner(text, signature));
      outcomes.add(judged.ok ? 'signer' : judged.why);
    }),
    { numRuns: 400 },
  );
  // Half of all r are of no point: the property has seen both sides of it.
  expect([...outcomes]).toEqual(expect.arrayContaining(['signer', 'signature-unrecoverable', 'signature-v']));
});

test('the edges of the ranges', () => {
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const p = 2n ** 256n - 2n ** 32n - 977n;
  const word = (value: bigint) => value.toString(16).padStart(64, '0');
  const scalars = [0n, 1n, 2n, n / 2n, n / 2n + 1n, n - 1n, n, p - 1n, 2n ** 256n - 1n];
  for (const r of scalars)
    for (const s of scalars)
      for (const v of ['1b', '1c']) {
        const signature = word(r) + word(s) + v;
        expect([r, s, v, fast('x', signature)]).toEqual([r, s, v, recoverSigner('x', signature)]);
      }
});
