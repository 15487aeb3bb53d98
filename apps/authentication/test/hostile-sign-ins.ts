/** Sign-ins that must be refused, each with the reason that the log must name. */
import { bytesToHex, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { RefusalReason } from '../src/domain/refusal.ts';
import { createPerson, MINUTE, type Person, type World } from './world.ts';

interface SignIn {
  readonly message: string;
  readonly signature: string;
}

/** A victim with a good challenge and a good signature of it; the attack makes something else of them. */
export interface Scene extends SignIn {
  readonly world: World;
  readonly victim: Person;
  readonly attacker: Person;
}

export interface Attack {
  readonly name: string;
  readonly reason: RefusalReason;
  make(scene: Scene): Promise<SignIn> | SignIn;
}

const N = secp256k1.Point.CURVE().n;
const signDigest = (digest: Uint8Array, secretKey: Uint8Array): string => {
  const signed = secp256k1.sign(digest, secretKey, { prehash: false, lowS: true, format: 'recovered' });
  return `0x${bytesToHex(signed.subarray(1))}${(27 + signed[0]!).toString(16)}`;
};
const prefixed = (prefix: string, text: string): Uint8Array => keccak_256(utf8ToBytes(prefix + text));

/** The victim signs a text that differs from the given one by a replacement. */
const text = (
  reason: RefusalReason,
  changes: readonly (readonly [name: string, from: string | RegExp, to: string])[],
): Attack[] =>
  changes.map(([name, from, to]) => ({
    ...{ name, reason },
    make: ({ message, victim }) => {
      const changed = message.replace(from, to);
      if (changed === message) throw new Error(`${name} changes nothing`);
      return { message: changed, signature: victim.sign(changed) };
    },
  }));

/** The text stays, the signature is another. */
const signature = (
  reason: RefusalReason,
  changes: Readonly<Record<string, (scene: Scene) => string>>,
): Attack[] =>
  Object.entries(changes).map(([name, make]) => ({
    ...{ name: `signature: ${name}`, reason },
    make: (scene) => ({ message: scene.message, signature: make(scene) }),
  }));

const HOST = /^localhost:8080/;
const domains = (reason: RefusalReason, hosts: readonly string[]): Attack[] =>
  text(
    reason,
    hosts.map((host) => [`domain ${host}`, HOST, host]),
  );
const uris = (reason: RefusalReason, list: readonly string[]): Attack[] =>
  text(
    reason,
    list.map((uri) => [`URI ${uri}`, /URI: .*/, `URI: ${uri}`]),
  );
const chains = (reason: RefusalReason, list: readonly string[]): Attack[] =>
  text(
    reason,
    list.map((chain) => [`chain ${chain}`, /Chain ID: .*/, `Chain ID: ${chain}`]),
  );
const nonces = (reason: RefusalReason, list: readonly string[]): Attack[] =>
  text(
    reason,
    list.map((nonce) => [`nonce ${nonce}`, /Nonce: .*/, `Nonce: ${nonce}`]),
  );

const shifted =
  (byMs: number, also: (message: string) => string = (message) => message) =>
  ({ message, victim, world }: Scene): SignIn => {
    const iso = (timeMs: number) => new Date(timeMs).toISOString();
    const now = world.clock.nowMs();
    const moved = message
      .replace(/Issued At: .*/, `Issued At: ${iso(now + byMs)}`)
      .replace(/Expiration Time: .*/, `Expiration Time: ${iso(now + byMs + 5 * MINUTE)}`);
    const changed = also(moved);
    return { message: changed, signature: victim.sign(changed) };
  };
const times = (reason: RefusalReason, shifts: Readonly<Record<string, number>>): Attack[] =>
  Object.entries(shifts).map(([name, byMs]) => ({ name: `issued ${name}`, reason, make: shifted(byMs) }));

const SECOND = 1_000;
const YEAR = 365 * 24 * 60 * MINUTE;
/** Letters that look like those of the first line and of the address. */
const lookAlikes = [
  'lоcalhost:8080',
  'locaⅼhost:8080',
  'ｌocalhost:8080',
  'localhost:８080',
  'loca\u200blhost:8080',
  'localhost\u202e:8080',
];

const rsv = (of: string) => ({ r: of.slice(2, 66), s: of.slice(66, 130), v: of.slice(130) });
const word = (value: bigint) => value.toString(16).padStart(64, '0');

export const attacks: readonly Attack[] = [
  ...domains('wrong-domain', [
    ...[
      'evil.example',
      'localhost',
      'localhost:8081',
      'localhost:80',
      'localhost.evil.example',
      '127.0.0.1:8080',
    ],
    ...[
      '[::1]:8080',
      'www.localhost:8080',
      'localhost-8080.example',
      'xn--lcalhost-2fg:8080',
      'a.localhost:8080',
    ],
  ]),
  ...domains('bad-domain', [
    ...[
      'LOCALHOST:8080',
      'Localhost:8080',
      'localhost:08080',
      'localhost:808080',
      'localhost:8080/',
      'localhost:8080.',
    ],
    ...[
      'http://localhost:8080',
      'user@localhost:8080',
      'localhost:8080@evil.example',
      ' localhost:8080',
      'local host',
    ],
    ...[
      'localhost:',
      ':8080',
      '-localhost:8080',
      'localhost..example',
      'localhost:8080#',
      'localhost_:8080',
      '',
    ],
  ]),
  ...domains('bad-byte', lookAlikes),
  ...uris('wrong-uri', [
    ...[
      'http://evil.example',
      'https://localhost:8080',
      'http://localhost:8080/',
      'http://localhost:8080/login',
    ],
    ...['http://localhost', 'http://localhost:8081', 'http://127.0.0.1:8080', 'http://localhost:8080?x=1'],
    'http://localhost:8080.evil.example/'.replace('8080.', '8080/.'),
  ]),
  ...uris('bad-uri', [
    ...[
      'ftp://localhost:8080',
      'localhost:8080',
      '//localhost:8080',
      'http://user@localhost:8080',
      'javascript:alert(1)',
    ],
    ...[
      'http://localhost:8080#x',
      'http://',
      'http://LOCALHOST:8080',
      'http://localhost:8080/%zz',
      ' http://localhost:8080',
    ],
    `http://localhost:8080/${'a'.repeat(600)}`,
  ]),
  ...chains('wrong-chain', ['0x94a9059e', '0xcd8690dc', '0x00000001', '0x2b6653dd', '0xffffffff']),
  ...chains('bad-chain-id', [
    '0x2B6653DC',
    '0x2b6653d',
    '0x2b6653dc0',
    '728126428',
    '1',
    '2b6653dc',
    '0x2b6653dg',
    '',
  ]),
  ...nonces('nonce-unknown', [
    '0'.repeat(32),
    'abcdefgh',
    'f'.repeat(64),
    'A1b2C3d4E5f6A1b2C3d4E5f6A1b2C3d4',
  ]),
  ...nonces('bad-nonce', [
    'short',
    'x'.repeat(65),
    'abcd efgh',
    'abcd-efgh-ijkl',
    '{"$gt":""}',
    '../../../etc',
    '',
  ]),
  {
    name: 'nonce in capitals',
    reason: 'nonce-unknown',
    make: ({ message, victim }) => {
      const changed = message.replace(/Nonce: .*/, (line) => `Nonce: ${line.slice(7).toUpperCase()}A`);
      return { message: changed, signature: victim.sign(changed) };
    },
  },
  {
    name: 'nonce used before',
    reason: 'nonce-unknown',
    make: async ({ world, message, signature: good }) => {
      await world.api.login({ body: { message, signature: good } });
      return { message, signature: good };
    },
  },
  {
    name: 'nonce of another address',
    reason: 'nonce-of-another',
    make: async ({ world, message, victim, attacker }) => {
      const other = await world.api.createChallenge({ body: { address: attacker.address } });
      const changed = message.replace(/Nonce: .*/, `Nonce: ${other.nonce}`);
      return { message: changed, signature: victim.sign(changed) };
    },
  },
  {
    name: 'nonce of an older challenge of the same address',
    reason: 'not-as-issued',
    make: async ({ world, message, victim }) => {
      await world.clock.advance(SECOND);
      const other = await world.api.createChallenge({ body: { address: victim.address } });
      const changed = other.message.replace(/Nonce: .*/, /Nonce: .*/.exec(message)![0]);
      return { message: changed, signature: victim.sign(changed) };
    },
  },
  {
    name: 'the challenge of another, signed by oneself',
    reason: 'wrong-signer',
    make: ({ message, attacker }) => ({ message, signature: attacker.sign(message) }),
  },
  {
    name: 'the challenge of another with the own address in it',
    reason: 'nonce-of-another',
    make: ({ message, victim, attacker }) => {
      const changed = message.replace(victim.address, attacker.address);
      return { message: changed, signature: attacker.sign(changed) };
    },
  },
  ...times('issued-in-future', {
    'in 6 s': 6 * SECOND,
    'in a minute': MINUTE,
    tomorrow: 24 * 60 * MINUTE,
    'in ten years': 10 * YEAR,
  }),
  ...times('too-old', {
    'six minutes ago': -6 * MINUTE,
    yesterday: -24 * 60 * MINUTE,
    'ten years ago': -10 * YEAR,
  }),
  {
    name: 'a good challenge after its time',
    reason: 'too-old',
    make: async ({ world, message, signature: good }) => {
      await world.clock.advance(5 * MINUTE + 6 * SECOND);
      return { message, signature: good };
    },
  },
  {
    name: 'expired, though issued now',
    reason: 'expired',
    make: shifted(-60 * SECOND, (message) =>
      message.replace(
        /Expiration Time: (.*)/,
        (_, at) => `Expiration Time: ${new Date(Date.parse(at) - 270 * SECOND).toISOString()}`,
      ),
    ),
  },
  {
    name: 'expires before it was issued',
    reason: 'empty-validity',
    make: shifted(0, (message) =>
      message.replace(/Expiration Time: .*/, 'Expiration Time: 2020-01-01T00:00:00.000Z'),
    ),
  },
  {
    name: 'begins later',
    reason: 'not-yet-valid',
    make: shifted(0, (message) =>
      message.replace(
        /(Expiration Time: (.*))/,
        (_, line, at) => `${line}\nNot Before: ${new Date(Date.parse(at) - MINUTE).toISOString()}`,
      ),
    ),
  },
  ...text('bad-issued-at', [
    ['time without milliseconds', /(Issued At: .*)\.\d{3}Z/, '$1Z'],
    ['30 February', /Issued At: .*/, 'Issued At: 2026-02-30T00:00:00.000Z'],
    ['time with an offset', /(Issued At: .*)Z/, '$1+00:00'],
    ['no time', /Issued At: .*/, 'Issued At: now'],
  ]),
  ...text('bad-expiration-time', [
    ['expiration of 24:00', /Expiration Time: .*/, 'Expiration Time: 2026-01-01T24:00:00.000Z'],
  ]),
  ...text('not-as-issued', [
    ['another profile in the statement', 'as user', 'as admin'],
    ['another statement', /Sign in to.*/, 'I agree to everything.'],
    ['without statement', /\nSign in to.*\n/, '\n'],
    ['a resource more', /$/, '\nResources:\n- urn:lucid:profile:admin'],
    ['a request id more', /$/, '\nRequest ID: 1'],
    ['no expiration', /\nExpiration Time: .*/, ''],
    ['an expiration in a year', /Expiration Time: .*/, 'Expiration Time: 2027-01-01T00:00:00.000Z'],
    ['a not-before more', /$/, '\nNot Before: 2020-01-01T00:00:00.000Z'],
  ]),
  ...text('bad-address', [
    ['a checksum that does not hold', /\nT(.)/, '\nTz'],
    ['an Ethereum address', /\nT.*/, '\n0x52908400098527886E0F7030069857D2E4169EE7'],
    ['an address in hex', /\nT.*/, '\n41f0cc5a2a84cd0f68ed1667070934542d673acbd8'],
    ['an address too short', /\n(T.*)./, '\n$1'],
    ['an address too long', /\n(T.*)/, '\n$1A'],
    ['a letter that base58 lacks', /\nT./, '\nT0'],
    ['an address with a space', /\n(T.*)/, '\n$1 '],
  ]),
  ...text('bad-byte', [
    ['a Cyrillic T in the address', /\nT/, '\n\u0422'],
    ['carriage returns', /\n/g, '\r\n'],
    ['a tab', ' wants you', '\twants you'],
    ['a NUL', 'Lucid', 'Luc\0id'],
    ['a byte order mark', /^/, '\ufeff'],
    ['a no-break space', 'wants you', 'wants\u00a0you'],
    ['a zero-width joiner', 'Lucid', 'Luc\u200did'],
    ['text from right to left', 'Lucid', '\u202eLucid'],
    ['an escape', 'Lucid', '\u001b[2JLucid'],
  ]),
  ...text('bad-header', [
    [
      'another header',
      ' wants you to sign in with your TRON account:',
      ' wants you to sign in with your Ethereum account:',
    ],
    ['a header in capitals', 'wants you', 'Wants you'],
    ['no colon', 'account:', 'account'],
  ]),
  ...text('bad-layout', [
    ['a line end at the end', /$/, '\n'],
    ['an empty line more', /\nURI/, '\n\nURI'],
    ['no empty line', /\n\nURI/, '\nURI'],
  ]),
  ...text('doubled-field', [
    ['the nonce twice', /(\nNonce: .*)/, '$1$1'],
    ['the URI twice', /(\nURI: .*)/, '$1\nURI: http://evil.example'],
  ]),
  ...text('wrong-order', [['version before URI', /(URI: .*)\n(Version: 1)/, '$2\n$1']]),
  ...text('unknown-field', [
    ['a field more', /$/, '\nAmount: 1000 TRX'],
    ['a field in small letters', '\nNonce', '\nnonce'],
  ]),
  ...text('missing-field', [
    ['no nonce', /\nNonce: .*/, ''],
    ['no URI', /URI: .*\n/, ''],
    ['no chain', /\nChain ID: .*/, ''],
    ['no issued-at', /\nIssued At: .*/, ''],
  ]),
  ...text('bad-version', [
    ['version 2', 'Version: 1', 'Version: 2'],
    ['version 1.0', 'Version: 1', 'Version: 1.0'],
  ]),
  ...text('too-large', [
    ['a statement of 4 KiB', /Sign in to.*/, 'x'.repeat(4_000)],
    ['4097 bytes', /$/, ' '.repeat(3_800)],
    ['8 KiB', /$/, ' '.repeat(7_600)],
  ]),
  ...text('bad-statement', [['a statement of 600', /Sign in to.*/, 'x'.repeat(600)]]),
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
