import fc from 'fast-check';
import { bytesToAddress } from './address.ts';
import { chainIdOfGenesis, type SignInMessage } from './sign-in-fields.ts';
import { composeSignIn, parseSignIn, SIGN_IN_MAX_BYTES, SignInError } from './sign-in-message.ts';

const ADDRESS = 'TBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsq';
const FULL: SignInMessage = {
  domain: 'lucid.example:8080',
  address: ADDRESS,
  statement: 'Sign in to Lucid. This costs nothing.',
  uri: 'https://lucid.example:8080/login?as=user',
  chainId: '0x2b6653dc',
  nonce: '4f2aB7c9D1e3',
  issuedAtMs: Date.UTC(2026, 10, 21, 4, 0, 0, 7),
  expirationTimeMs: Date.UTC(2026, 10, 21, 4, 5),
  notBeforeMs: Date.UTC(2026, 10, 21, 3, 59),
  requestId: 'request-1',
  resources: ['urn:lucid:session:7', 'https://lucid.example/terms#2'],
};
const TEXT = `lucid.example:8080 wants you to sign in with your TRON account:
${ADDRESS}

Sign in to Lucid. This costs nothing.

URI: https://lucid.example:8080/login?as=user
Version: 1
Chain ID: 0x2b6653dc
Nonce: 4f2aB7c9D1e3
Issued At: 2026-11-21T04:00:00.007Z
Expiration Time: 2026-11-21T04:05:00.000Z
Not Before: 2026-11-21T03:59:00.000Z
Request ID: request-1
Resources:
- urn:lucid:session:7
- https://lucid.example/terms#2`;

const whyOf = (text: string): string => {
  const parsed = parseSignIn(text);
  return parsed.ok ? 'none' : parsed.why;
};
const codeOf = (message: SignInMessage): string => {
  try {
    composeSignIn(message);
    return 'none';
  } catch (error) {
    if (error instanceof SignInError) return error.code;
    throw error;
  }
};
const swap = (from: string | RegExp, to: string): string => {
  const text = TEXT.replace(from, () => to);
  if (text === TEXT) throw new Error('the test changed nothing');
  return text;
};
const line = (name: string): string => TEXT.split('\n').find((each) => each.startsWith(`${name}: `))!;

describe('a sign-in message', () => {
  test('is this text, and this text is it', () => {
    expect(composeSignIn(FULL)).toBe(TEXT);
    expect(parseSignIn(TEXT)).toEqual({ ok: true, message: FULL });
  });

  test('without its optional parts keeps both blank lines', () => {
    const { domain, address, uri, chainId, nonce, issuedAtMs } = FULL;
    const least = { domain, address, uri, chainId, nonce, issuedAtMs };
    const text = composeSignIn(least);
    expect(text).toContain(`${ADDRESS}\n\n\nURI: `);
    expect(parseSignIn(text)).toEqual({ ok: true, message: least });
  });

  test('takes the domains and URIs that there are', () => {
    for (const domain of [
      'localhost',
      '127.0.0.1:8080',
      '[::1]:8080',
      `${'a'.repeat(56)}.onion`,
      'xn--bcher-kva.example',
    ]) {
      const message = { ...FULL, domain, uri: `http://${domain}/` };
      expect(parseSignIn(composeSignIn(message))).toEqual({ ok: true, message });
    }
  });

  test('a statement that looks like a field is still the statement', () => {
    const message = { ...FULL, statement: 'URI: https://evil.example' };
    expect(parseSignIn(composeSignIn(message))).toEqual({ ok: true, message });
  });
});

const times = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });
const texts = (expression: RegExp) => fc.stringMatching(expression);
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const messages: fc.Arbitrary<SignInMessage> = fc
  .record({
    domain: texts(/^[a-z][a-z0-9]{0,10}(\.[a-z]{1,5}){0,2}(:[1-9][0-9]{1,3})?$/),
    address: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToAddress),
    statement: maybe(texts(/^[A-Za-z][A-Za-z :,.=/-]{0,60}[A-Za-z]$/)),
    uri: texts(/^https?:\/\/[a-z]{1,9}(\/[A-Za-z0-9._~:@!$&'()*+,;=[\]-]{0,20}(%[0-9A-F]{2}){0,2}){0,2}$/),
    chainId: texts(/^0x[0-9a-f]{8}$/),
    nonce: texts(/^[A-Za-z0-9]{8,64}$/),
    issuedAtMs: times,
    expirationTimeMs: maybe(times),
    notBeforeMs: maybe(times),
    requestId: maybe(texts(/^[A-Za-z0-9._~:@!$&'()*+,;=-]{1,40}$/)),
    resources: maybe(
      fc.array(texts(/^[a-z]{1,5}:[a-z0-9/?]{0,20}(#[a-z]{1,4})?$/), { minLength: 1, maxLength: 16 }),
    ),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)))
  .map((fields) => fields as unknown as SignInMessage);

describe('properties', () => {
  test('every message goes into text and back', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(parseSignIn(composeSignIn(message))).toEqual({ ok: true, message });
      }),
    );
  });

  test('what is parsed has this text only, whatever was done to it', () => {
    const pieces = fc.constantFrom(
      '\n',
      '\n\n',
      ' ',
      '\r\n',
      '\u200b',
      'URI: ',
      '- ',
      ':',
      '0',
      'Z',
      'T',
      '%',
      '..',
      '%2f',
    );
    const edits = fc.array(
      fc.record({
        at: fc.nat({ max: TEXT.length }),
        cut: fc.nat({ max: 60 }),
        put: fc.oneof(pieces, fc.string({ maxLength: 3 })),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(edits, (each) => {
        const text = each.reduce(
          (now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut),
          TEXT,
        );
        const parsed = parseSignIn(text);
        if (parsed.ok) expect(composeSignIn(parsed.message)).toBe(text);
        else expect(typeof parsed.why).toBe('string');
      }),
      { numRuns: 2000 },
    );
  });

  test('each byte outside the grammar is refused at each place', () => {
    for (const byte of [
      '\0',
      '\t',
      '\r',
      '\x1b',
      '\x7f',
      '\x80',
      '\u00a0',
      '\u0430',
      '\u2028',
      '\u202e',
      '\ufeff',
      '\ud800',
    ]) {
      for (let at = 0; at <= TEXT.length; at++) {
        expect(whyOf(TEXT.slice(0, at) + byte + TEXT.slice(at))).toBe('bad-byte');
      }
    }
  });
});

describe('refused texts', () => {
  const resources = (count: number): string =>
    swap(/Resources:[\s\S]*$/, `Resources:${'\n- a:b'.repeat(count)}`);
  test.each([
    ['empty', '', 'bad-header'],
    ['over the limit', `${TEXT}${'a'.repeat(SIGN_IN_MAX_BYTES)}`, 'too-large'],
    ['huge', 'a\n'.repeat(5_000_000), 'too-large'],
    ['lines ended by CRLF', TEXT.replaceAll('\n', '\r\n'), 'bad-byte'],
    ['a Cyrillic e in the domain', swap('lucid.e', 'lucid.\u0435'), 'bad-byte'],
    ['full-width digits', swap('Version: 1', 'Version: \uff11'), 'bad-byte'],
    ['Ethereum', swap('TRON', 'Ethereum'), 'bad-header'],
    ['a scheme before the domain', `https://${TEXT}`, 'bad-domain'],
    ['upper case in the domain', swap('lucid.example:8080 ', 'Lucid.example:8080 '), 'bad-domain'],
    ['a user before the domain', `lucid.example@${TEXT}`, 'bad-domain'],
    ['a port too high', swap('8080', '65536'), 'bad-domain'],
    ['a port with a leading 0', swap('8080', '08080'), 'bad-domain'],
    ['a dot behind the domain', swap('example:8080 ', 'example. '), 'bad-domain'],
    ['no domain', swap('lucid.example:8080', ''), 'bad-domain'],
    ['no address', swap(ADDRESS, ''), 'bad-address'],
    ['a wrong checksum', swap(ADDRESS, `${ADDRESS.slice(0, -1)}r`), 'bad-address'],
    ['a space behind the address', swap(ADDRESS, `${ADDRESS} `), 'bad-address'],
    ['no blank line behind the address', swap(`${ADDRESS}\n`, ADDRESS), 'bad-layout'],
    ['a blank line too many', swap(`${ADDRESS}\n`, `${ADDRESS}\n\n`), 'unknown-field'],
    ['a statement of two lines', swap('Lucid. T', 'Lucid.\nT'), 'bad-layout'],
    ['a space before the statement', swap('Sign in', ' Sign in'), 'bad-statement'],
    ['a bracket in the statement', swap('Sign in', '<b>Sign in'), 'bad-statement'],
    ['a long statement', swap('Sign in', 'a'.repeat(513)), 'bad-statement'],
    ['a line end behind all', `${TEXT}\n`, 'bad-layout'],
    ['a blank line between fields', swap('\nNonce', '\n\nNonce'), 'bad-layout'],
    ['text behind the resources', `${TEXT}\nhello`, 'unknown-field'],
    ['a field behind the resources', `${TEXT}\n${line('Nonce')}`, 'doubled-field'],
    ['an unknown field', swap('\nNonce', '\nNote: hello\nNonce'), 'unknown-field'],
    ['a field in lower case', swap('Nonce', 'nonce'), 'unknown-field'],
    ['no space behind a colon', swap('Nonce: ', 'Nonce:'), 'unknown-field'],
    ['two spaces behind a colon', swap('Nonce: ', 'Nonce:  '), 'bad-nonce'],
    ['a doubled nonce', swap('\nNonce', `\n${line('Nonce')}\nNonce`), 'doubled-field'],
    ['another nonce later', swap('\nResources', '\nNonce: evil1234\nResources'), 'doubled-field'],
    ['doubled resources', `${TEXT}\nResources:\n- a:b`, 'doubled-field'],
    [
      'nonce before chain',
      swap(/Chain ID.*\nNonce.*/, `${line('Nonce')}\n${line('Chain ID')}`),
      'wrong-order',
    ],
    [
      'request id last',
      swap(/Request ID.*\n([\s\S]*)$/, `Resources:\n- a:b\n${line('Request ID')}`),
      'wrong-order',
    ],
    ['no fields', TEXT.slice(0, TEXT.indexOf('URI')), 'bad-layout'],
    ...['URI', 'Version', 'Chain ID', 'Nonce', 'Issued At'].map((name) => [
      `no ${name}`,
      swap(`${line(name)}\n`, ''),
      'missing-field',
    ]),
    ['version 2', swap('Version: 1', 'Version: 2'), 'bad-version'],
    ['version 01', swap('Version: 1', 'Version: 01'), 'bad-version'],
    ['a relative URI', swap('URI: https://', 'URI: //'), 'bad-uri'],
    ['a script', swap(/URI: .*/, 'URI: javascript:alert(1)'), 'bad-uri'],
    ['a user in the URI', swap('URI: https://', 'URI: https://a@'), 'bad-uri'],
    ['a fragment', swap('as=user', 'as=user#x'), 'bad-uri'],
    ['a backslash in the URI', swap('/login', '\\login'), 'bad-uri'],
    ['half an escape', swap('/login', '/%2'), 'bad-uri'],
    ['an escape in lower case', swap('/login', '/%2f'), 'bad-uri'],
    ['a chain in decimal', swap('0x2b6653dc', '728126428'), 'bad-chain-id'],
    ['a chain in upper case', swap('0x2b6653dc', '0x2B6653DC'), 'bad-chain-id'],
    ['a whole genesis', swap('0x2b6653dc', `0x${'2b6653dc'.repeat(8)}`), 'bad-chain-id'],
    ['a short nonce', swap('4f2aB7c9D1e3', '4f2aB7c'), 'bad-nonce'],
    ['a long nonce', swap('4f2aB7c9D1e3', 'a'.repeat(65)), 'bad-nonce'],
    ['a nonce with a sign', swap('4f2aB7c9D1e3', '4f2aB7c9-1e3'), 'bad-nonce'],
    ...[
      '2026-02-29T04:00:00.007Z',
      '2026-11-31T04:00:00.007Z',
      '2026-13-01T04:00:00.007Z',
      '2026-11-21T24:00:00.000Z',
      '2026-11-21T04:59:60.000Z',
      '2026-11-21T04:00:00Z',
      '2026-11-21T04:00:00.0070Z',
      '2026-11-21T04:00:00.007+00:00',
      '2026-11-21t04:00:00.007z',
      '2026-11-21 04:00:00.007Z',
      '+002026-11-21T04:00:00.007Z',
      '1969-12-31T23:59:59.999Z',
      '1795233600007',
      '',
    ].map((time) => [`the time ${time}`, swap('2026-11-21T04:00:00.007Z', time), 'bad-issued-at']),
    ['no date of expiry', swap('2026-11-21T04:05:00.000Z', 'never'), 'bad-expiration-time'],
    ['no date of beginning', swap('2026-11-21T03:59:00.000Z', '0'), 'bad-not-before'],
    ['an empty request id', swap('request-1', ''), 'bad-request-id'],
    ['a slash in the request id', swap('request-1', 'a/b'), 'bad-request-id'],
    ['no resource', resources(0), 'bad-resources'],
    ['17 resources', resources(17), 'bad-resources'],
    ['an empty resource', `${TEXT}\n- `, 'bad-resources'],
    ['a resource without a scheme', `${TEXT}\n- hello`, 'bad-resources'],
    ['a resource with two spaces', `${TEXT}\n-  a:b`, 'bad-resources'],
  ])('%s', (_, text, why) => expect(whyOf(text as string)).toBe(why));

  test('16 resources are taken', () => expect(whyOf(resources(16))).toBe('none'));

  test('other kinds of values are faults of the caller', () => {
    for (const value of [undefined, null, 7, Buffer.from(TEXT), [TEXT]]) {
      expect(() => parseSignIn(value as never)).toThrow(TypeError);
    }
  });
});

describe('composing refuses', () => {
  test.each([
    [
      'a statement that would add a field',
      { statement: 'hello\n\nURI: https://evil.example' },
      'bad-statement',
    ],
    ['an empty statement', { statement: '' }, 'bad-statement'],
    ['a domain that ends the line', { domain: 'evil.example wants you\n' }, 'bad-domain'],
    ['a resource with a line end', { resources: ['a:b\n- c:d'] }, 'bad-resources'],
    ['no resources', { resources: [] }, 'bad-resources'],
    ['a moment that is none', { issuedAtMs: Number.NaN }, 'bad-issued-at'],
    ['half a millisecond', { expirationTimeMs: 0.5 }, 'bad-expiration-time'],
    ['the year 10000', { notBeforeMs: Date.UTC(10_000, 0) }, 'bad-not-before'],
    ['a nonce that ends the line', { nonce: '4f2aB7c9\n' }, 'bad-nonce'],
    ['too much', { resources: Array(16).fill(`a:${'b'.repeat(500)}`) }, 'too-large'],
  ])('%s', (_, change, code) => expect(codeOf({ ...FULL, ...change })).toBe(code));
});

describe('the chain id', () => {
  test('is the end of the genesis block id', () => {
    const mainnet = '00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc';
    expect(chainIdOfGenesis(mainnet)).toBe('0x2b6653dc');
    // A private net whose node answered eth_chainId 0x2d17d748.
    expect(chainIdOfGenesis('00000000000000008659e68b20d6476a565198d636321457b5225c2d2d17d748')).toBe(
      '0x2d17d748',
    );
  });

  test('of another block is none', () => {
    expect(() => chainIdOfGenesis(`${'0'.repeat(15)}1${'a'.repeat(48)}`)).toThrow(RangeError);
    expect(() => chainIdOfGenesis('2b6653dc')).toThrow(RangeError);
    expect(() => chainIdOfGenesis(7 as never)).toThrow(TypeError);
  });
});
