/** Signatures that must be refused over a good challenge, each with the reason that the log must name. */
import { bytesToHex, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { RefusalReason } from '../src/domain/refusal.ts';
import type { Attack, Scene } from './attack.ts';
import { createPerson } from './world.ts';

const N = secp256k1.Point.CURVE().n;
const signDigest = (digest: Uint8Array, secretKey: Uint8Array): string => {
  const signed = secp256k1.sign(digest, secretKey, { prehash: false, lowS: true, format: 'recovered' });
  return `0x${bytesToHex(signed.subarray(1))}${(27 + signed[0]!).toString(16)}`;
};
const prefixed = (prefix: string, text: string): Uint8Array => keccak_256(utf8ToBytes(prefix + text));

/** The text stays, the signature is another. */
const signature = (
  reason: RefusalReason,
  changes: Readonly<Record<string, (scene: Scene) => string>>,
): Attack[] =>
  Object.entries(changes).map(([name, make]) => ({
    ...{ name: `signature: ${name}`, reason },
    make: (scene) => ({ message: scene.message, signature: make(scene) }),
  }));

const rsv = (of: string) => ({ r: of.slice(2, 66), s: of.slice(66, 130), v: of.slice(130) });
const word = (value: bigint) => value.toString(16).padStart(64, '0');

export const hostileSignatures: readonly Attack[] = [
  ...signature('signature-length', {
    empty: () => '0x',
    'one byte': () => '0x00',
    '64 bytes, without v': (scene) => scene.signature.slice(0, 130),
    '66 bytes': (scene) => `${scene.signature}00`,
    'a digit short': (scene) => scene.signature.slice(0, -1),
    'of DER': () => `0x30440220${'11'.repeat(32)}0220${'22'.repeat(32)}`,
    'with a space behind': (scene) => `${scene.signature} `,
    'as base64': (scene) => Buffer.from(scene.signature.slice(2), 'hex').toString('base64'),
    twice: (scene) => scene.signature + scene.signature.slice(2),
    'of 1000 digits': () => `0x${'1'.repeat(1_000)}`,
  }),
  ...signature('signature-alphabet', {
    'with a letter too much': (scene) => `${scene.signature.slice(0, 20)}g${scene.signature.slice(21)}`,
    'of spaces': () => `0x${' '.repeat(130)}`,
    'with full-width digits': (scene) => `${scene.signature.slice(0, 20)}\uff11${scene.signature.slice(21)}`,
  }),
  ...signature(
    'signature-v',
    Object.fromEntries(
      ['02', '03', '1a', '1d', '1e', '23', '25', 'ff'].map((v) => [
        `v ${v}`,
        (scene: Scene) => scene.signature.slice(0, 130) + v,
      ]),
    ),
  ),
  ...signature('signature-range', {
    'r of 0': ({ signature: of }) => `0x${word(0n)}${rsv(of).s}${rsv(of).v}`,
    's of 0': ({ signature: of }) => `0x${rsv(of).r}${word(0n)}${rsv(of).v}`,
    'r of n': ({ signature: of }) => `0x${word(N)}${rsv(of).s}${rsv(of).v}`,
    's of n': ({ signature: of }) => `0x${rsv(of).r}${word(N)}${rsv(of).v}`,
    'all ones': () => `0x${'ff'.repeat(64)}1b`,
    'all zeros': () => `0x${'00'.repeat(64)}1b`,
  }),
  ...signature('signature-high-s', {
    malleated: ({ signature: of }) => {
      const { r, s, v } = rsv(of);
      return `0x${r}${word(N - BigInt(`0x${s}`))}${v === '1b' ? '1c' : '1b'}`;
    },
    'malleated, v kept': ({ signature: of }) =>
      `0x${rsv(of).r}${word(N - BigInt(`0x${rsv(of).s}`))}${rsv(of).v}`,
    's of n - 1': ({ signature: of }) => `0x${rsv(of).r}${word(N - 1n)}${rsv(of).v}`,
  }),
  ...signature('signature-unrecoverable', {
    'r of no point': ({ signature: of }) => `0x${word(5n)}${rsv(of).s}1b`,
  }),
  ...signature('wrong-signer', {
    'of version 1': ({ message, victim }) =>
      signDigest(prefixed('\x19TRON Signed Message:\n32', message), victim.secretKey),
    'of Ethereum': ({ message, victim }) =>
      signDigest(prefixed(`\x19Ethereum Signed Message:\n${message.length}`, message), victim.secretKey),
    'of the bare hash': ({ message, victim }) =>
      signDigest(keccak_256(utf8ToBytes(message)), victim.secretKey),
    'of the text without its last character': ({ message, victim }) => victim.sign(message.slice(0, -1)),
    'of the text with a line end': ({ message, victim }) => victim.sign(`${message}\n`),
    'of the text in hex': ({ message, victim }) => victim.sign(`0x${bytesToHex(utf8ToBytes(message))}`),
    'of the empty text': ({ victim }) => victim.sign(''),
    'of the nonce alone': ({ message, victim }) => victim.sign(/Nonce: (.*)/.exec(message)![1]!),
    'by another key': ({ message }) => createPerson().sign(message),
    'with the other v': ({ signature: of }) =>
      `0x${rsv(of).r}${rsv(of).s}${rsv(of).v === '1b' ? '1c' : '1b'}`,
    'r and s of another message': ({ victim }) => victim.sign('hello'),
  }),
  ...signature(
    'wrong-signer',
    Object.fromEntries(
      Array.from({ length: 16 }, (_, at) => [
        // Of s, whose every value below n / 2 is the signature of somebody.
        `a bit of byte ${40 + at} turned`,
        (scene: Scene) => {
          const bytes = hexToBytes(scene.signature.slice(2));
          bytes[40 + at] = bytes[40 + at]! ^ (1 << (at % 8));
          return `0x${bytesToHex(bytes)}`;
        },
      ]),
    ),
  ),
];
