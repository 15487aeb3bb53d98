/** tronweb as the judge, both ways: what it signs is recovered here, what is signed here it recovers. */
import { bytesToHex, hexToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import { TronWeb, Trx, utils } from 'tronweb';
import {
  addressToBytes,
  bytesToAddress,
  composeSignIn,
  isAddress,
  messageDigest,
  recoverSigner,
  secretKeyToAddress,
  signMessage,
  verifySignIn,
} from '../src/index.ts';

const keys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((key) => key.some((byte) => byte !== 0) && key[0] !== 255);
const texts = fc.string({ unit: 'grapheme', maxLength: 300 });
const KEY = hexToBytes('22'.repeat(32));

test('addresses of keys and of bytes', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const address = TronWeb.address.fromPrivateKey(bytesToHex(key)) as string;
      expect(secretKeyToAddress(key)).toBe(address);
      expect(`41${bytesToHex(addressToBytes(address))}`).toBe(TronWeb.address.toHex(address).toLowerCase());
      expect(bytesToAddress(addressToBytes(address))).toBe(address);
    }),
    { numRuns: 20 },
  );
});

test('one address altered anywhere: both say the same', () => {
  const address = secretKeyToAddress(KEY);
  fc.assert(
    fc.property(fc.nat({ max: 33 }), fc.constantFrom(...'19AZaz0OIl T'), (at, put) => {
      const altered = address.slice(0, at) + put + address.slice(at + 1);
      expect(isAddress(altered)).toBe(TronWeb.isAddress(altered));
    }),
  );
});

test('messages that tronweb signs', () => {
  fc.assert(
    fc.property(keys, texts, (key, text) => {
      const signature = utils.message.signMessage(text, bytesToHex(key));
      expect(recoverSigner(text, signature)).toEqual({ ok: true, address: secretKeyToAddress(key) });
      expect(signMessage(key, text)).toBe(signature);
      expect(`0x${bytesToHex(messageDigest(text))}`).toBe(utils.message.hashMessage(text));
    }),
    { numRuns: 30 },
  );
});

test('bytes that tronweb signs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(signMessage(KEY, bytes)).toBe(utils.message.signMessage(bytes, bytesToHex(KEY)));
    }),
    { numRuns: 20 },
  );
});

test('messages signed here, also with the bare recovery id', () => {
  fc.assert(
    fc.property(keys, texts, (key, text) => {
      const signature = signMessage(key, text);
      const bare = signature.slice(0, 130) + (signature.endsWith('1b') ? '00' : '01');
      for (const each of [signature, bare]) {
        expect(utils.message.verifyMessage(text, each)).toBe(secretKeyToAddress(key));
        expect(recoverSigner(text, each)).toEqual({ ok: true, address: secretKeyToAddress(key) });
      }
    }),
    { numRuns: 30 },
  );
});

describe('a login', () => {
  const nowMs = Date.UTC(2026, 10, 21, 4);
  const asked = {
    domain: 'lucid.example',
    uri: 'https://lucid.example/',
    chainId: '0x2b6653dc',
    nonce: '4f2aB7c9D1e3',
  };
  const text = composeSignIn({ ...asked, address: secretKeyToAddress(KEY), issuedAtMs: nowMs });
  const expected = { ...asked, nowMs, maxAgeMs: 300_000, clockSkewMs: 0 };

  test('by signMessageV2 is let in', async () => {
    const wallet = new TronWeb({ fullHost: 'http://127.0.0.1:9' });
    const signature = wallet.trx.signMessageV2(text, bytesToHex(KEY));
    expect(verifySignIn(text, await signature, expected).ok).toBe(true);
  });

  test('by version 1 is refused', () => {
    const signature = Trx.signString(bytesToHex(Buffer.from(text)), bytesToHex(KEY), true);
    // It is a good signature of version 1, of the same key.
    expect(Trx.verifySignature(bytesToHex(Buffer.from(text)), secretKeyToAddress(KEY), signature, true)).toBe(
      true,
    );
    expect(verifySignIn(text, signature, expected)).toEqual({ ok: false, why: 'wrong-signer' });
  });
});
