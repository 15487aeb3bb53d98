/** Texts that must be refused, well signed by the victim's key, each with the reason that the log must name. */
import type { RefusalReason } from '../src/domain/refusal.ts';
import type { Attack, Scene, SignIn } from './attack.ts';
import { MINUTE } from './world.ts';

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

export const hostileTexts: readonly Attack[] = [
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
];
