import { hexToBytes } from '@lucid/bytes';
import { secretKeyToAddress } from './address.ts';
import { type ExpectedSignIn, judgeSignIn, verifySignIn } from './judge-sign-in.ts';
import type { SignInMessage } from './sign-in-fields.ts';
import { composeSignIn } from './sign-in-message.ts';
import { signMessage } from './signed-message.ts';

const KEY = hexToBytes('22'.repeat(32));
const OTHER_KEY = hexToBytes('23'.repeat(32));
const NOW = Date.UTC(2026, 10, 21, 4);
const EXPECTED: ExpectedSignIn = {
  domain: 'lucid.example',
  uri: 'https://lucid.example/login',
  chainId: '0x2b6653dc',
  nonce: '4f2aB7c9D1e3',
  nowMs: NOW,
  maxAgeMs: 300_000,
  clockSkewMs: 2_000,
};
const MESSAGE: SignInMessage = {
  domain: 'lucid.example',
  address: secretKeyToAddress(KEY),
  uri: 'https://lucid.example/login',
  chainId: '0x2b6653dc',
  nonce: '4f2aB7c9D1e3',
  issuedAtMs: NOW - 60_000,
  expirationTimeMs: NOW + 60_000,
};
const TEXT = composeSignIn(MESSAGE);
const SIGNATURE = signMessage(KEY, TEXT);

describe('judging', () => {
  test('finds nothing against what was asked for', () => expect(judgeSignIn(MESSAGE, EXPECTED)).toBeNull());

  test.each<[string, Partial<SignInMessage>, Partial<ExpectedSignIn>, ReturnType<typeof judgeSignIn>]>([
    ['another domain', { domain: 'evil.example' }, {}, 'wrong-domain'],
    ['a port more', { domain: 'lucid.example:443' }, {}, 'wrong-domain'],
    ['a subdomain', { domain: 'a.lucid.example' }, {}, 'wrong-domain'],
    ['another path', { uri: 'https://lucid.example/login/' }, {}, 'wrong-uri'],
    ['http', { uri: 'http://lucid.example/login' }, {}, 'wrong-uri'],
    ['another chain', { chainId: '0x94a9059e' }, {}, 'wrong-chain'],
    ['another nonce', { nonce: '4f2ab7c9d1e3' }, {}, 'wrong-nonce'],
    ['expiry at issue', { expirationTimeMs: NOW - 60_000 }, {}, 'empty-validity'],
    ['expiry at not-before', { notBeforeMs: NOW + 60_000 }, {}, 'empty-validity'],
    ['issued at the edge of the skew', { issuedAtMs: NOW + 2_000 }, {}, null],
    ['issued beyond it', { issuedAtMs: NOW + 2_001 }, {}, 'issued-in-future'],
    ['as old as may be', { issuedAtMs: NOW - 302_000 }, {}, null],
    ['older', { issuedAtMs: NOW - 302_001 }, {}, 'too-old'],
    ['older, and no expiry', { issuedAtMs: NOW - 302_001, expirationTimeMs: undefined }, {}, 'too-old'],
    ['the last moment', { expirationTimeMs: NOW - 1_999 }, {}, null],
    ['expired', { expirationTimeMs: NOW - 2_000 }, {}, 'expired'],
    ['the first moment', { notBeforeMs: NOW + 2_000 }, {}, null],
    ['too early', { notBeforeMs: NOW + 2_001 }, {}, 'not-yet-valid'],
    ['expired, one clock', { expirationTimeMs: NOW }, { clockSkewMs: 0 }, 'expired'],
    ['the first reason of several', { chainId: '0x94a9059e', nonce: 'aaaaaaaa' }, {}, 'wrong-chain'],
  ])('%s', (_, change, expected, why) => {
    expect(judgeSignIn({ ...MESSAGE, ...change }, { ...EXPECTED, ...expected })).toBe(why);
  });

  test('a clock or an expectation that is none lets nobody in', () => {
    for (const name of ['nowMs', 'maxAgeMs', 'clockSkewMs']) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5]) {
        expect(() => judgeSignIn(MESSAGE, { ...EXPECTED, [name]: value })).toThrow(RangeError);
      }
      expect(() => judgeSignIn(MESSAGE, { ...EXPECTED, [name]: undefined })).toThrow(TypeError);
    }
    for (const name of ['domain', 'uri', 'chainId', 'nonce']) {
      expect(() => judgeSignIn(MESSAGE, { ...EXPECTED, [name]: undefined })).toThrow(TypeError);
    }
  });
});

describe('a whole login', () => {
  test('is let in', () => {
    expect(verifySignIn(TEXT, SIGNATURE, EXPECTED)).toEqual({ ok: true, message: MESSAGE });
  });

  const upper = SIGNATURE.slice(0, 66) + 'f'.repeat(63) + SIGNATURE.slice(129);
  test.each([
    ['no message', 'hello', SIGNATURE, 'bad-header'],
    ['another nonce', composeSignIn({ ...MESSAGE, nonce: 'aaaaaaaa' }), SIGNATURE, 'wrong-nonce'],
    ['no signature', TEXT, '', 'signature-length'],
    ['a broken signature', TEXT, upper, 'signature-range'],
    ['signed by another key', TEXT, signMessage(OTHER_KEY, TEXT), 'wrong-signer'],
    ['signed for another text', TEXT, signMessage(KEY, `${TEXT}\n`), 'wrong-signer'],
    [
      'altered behind the signing',
      composeSignIn({ ...MESSAGE, statement: 'hello' }),
      SIGNATURE,
      'wrong-signer',
    ],
    [
      "another's address",
      composeSignIn({ ...MESSAGE, address: secretKeyToAddress(OTHER_KEY) }),
      SIGNATURE,
      'wrong-signer',
    ],
  ])('%s is refused', (_, text, signature, why) => {
    expect(verifySignIn(text, signature, EXPECTED)).toEqual({ ok: false, why });
  });

  test('other kinds of values are faults of the caller', () => {
    expect(() => verifySignIn(TEXT, 7 as never, EXPECTED)).toThrow(TypeError);
    expect(() => verifySignIn(7 as never, SIGNATURE, EXPECTED)).toThrow(TypeError);
    expect(() => verifySignIn('hello', '', { ...EXPECTED, nowMs: Number.NaN })).toThrow(RangeError);
  });
});
