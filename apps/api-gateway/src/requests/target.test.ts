import fc from 'fast-check';
import { parseTarget } from './target.ts';

test.each([
  ['/', '/', ''],
  ['/api/v1/sessions', '/api/v1/sessions', ''],
  ['/api/v1/sessions/?a=b&c=%2F%25', '/api/v1/sessions/', '?a=b&c=%2F%25'],
  ['/a/...', '/a/...', ''],
  ['/a/%C3%A9%20%24', '/a/%C3%A9%20%24', ''],
  ['/a?b?c', '/a', '?b?c'],
])('%s is taken', (target, path, search) => {
  expect(parseTarget(target)).toEqual({ path, search });
});

const refused = [
  '',
  '*',
  'a',
  'http://x/',
  'https://x/api',
  '//a',
  '//evil/api',
  '/a//b',
  '/.',
  '/..',
  '/a/.',
  '/a/..',
  '/a/./b',
  '/a/../b',
  '/%2e/b',
  '/%2e%2e/b',
  '/%2E./b',
  '/.%2e/b',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%5Cb',
  '/a\\b',
  '/a%00',
  '/a%0d%0ab',
  '/a%7f',
  '/a%252e',
  '/a%25',
  '/%61pi',
  '/a%5f',
  '/a%7e',
  '/a;b',
  '/a;b=c/d',
  '/a%3bb',
  '/a%3fb',
  '/a%23b',
  '/a#b',
  '/a b',
  '/a%',
  '/a%2',
  '/a%zz',
  '/a%u002e',
  '/é',
  '/a%c0%ae',
  '/a%c0%af',
  '/a%e0%80%af',
  '/a%ed%a0%80',
  '/a%ff',
  '/a"',
  '/a<b>',
  '/a|b',
  '/a^b',
  '/a`b',
  '/a{b}',
  '/a[b]',
  '/a?b#c',
  '/a?b\\c',
  '/a?b%00',
  '/a?b%c0%ae',
  '/a?%',
  '/a?b c',
  '/a?é',
];

test.each(refused)('%s is refused', (target) => {
  expect(() => parseTarget(target)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

test('what is too long has a code of its own', () => {
  expect(parseTarget(`/${'a'.repeat(8_191)}`).path).toHaveLength(8_192);
  expect(() => parseTarget(`/${'a'.repeat(8_192)}`)).toThrow(
    expect.objectContaining({ code: 'uri_too_long' }),
  );
});

/** Whatever is taken means the same to who decodes it once, twice, or resolves it as a URL. */
test('no path that is taken can be read as another one', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '%25',
    '%252f',
    ';',
    'a',
    '%61',
    '%C3%A9',
    '\\',
    '?',
    '%00',
    '//',
    ':',
    '@',
  );
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((each) => `/${each.join('')}`),
    fc.string().map((each) => `/${each}`),
  );
  fc.assert(
    fc.property(texts, (target) => {
      let taken: ReturnType<typeof parseTarget>;
      try {
        taken = parseTarget(target);
      } catch {
        return;
      }
      const { path, search } = taken;
      expect(path + search).toBe(target);
      const once = decodeURIComponent(path);
      expect(decodeURIComponent(once)).toBe(once);
      expect(once.split('/')).toHaveLength(path.split('/').length);
      expect(new URL(target, 'http://h').pathname).toBe(path);
    }),
    { numRuns: 5_000 },
  );
});
