import {
  extensionOf,
  hostMatches,
  isExtension,
  isHostPattern,
  isKeyName,
  isMediaType,
  isPathPattern,
  isPlainHost,
  isPlainPath,
  isTargetPath,
  pathMatches,
} from './names.ts';

test.each(['example.org', 'a', 'a_b.example', '127.0.0.1', '[::1]', '[2001:db8::1]', 'xn--mnchen-3ya.de'])(
  'host %s is plain',
  (host) => expect(isPlainHost(host)).toBe(true),
);

test.each([
  ...['', 'Example.org', 'example.org.', '.example.org', 'a..b', 'a/b', 'a@b', 'a:80', 'a b', 'münchen.de'],
  ...['127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '1.2.3.256', '1.2.3.4.'],
  ...[
    '[::1',
    '::1',
    '[0::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::FF]',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::1]',
  ],
  ...['xn--a', 'a%2eb', 'a\\b', 'a\u0000', 'ａ.org', `${'a.'.repeat(127)}a`],
])('host %j is refused', (host) => {
  expect(isPlainHost(host)).toBe(false);
  expect(isHostPattern(host)).toBe(false);
});

test('patterns of hosts', () => {
  for (const pattern of ['*', '*.example.org', 'example.org', '[::1]'])
    expect(isHostPattern(pattern)).toBe(true);
  for (const pattern of ['', '**', '*.', '*example.org', 'a.*.org', '*.*.org', '*.1.2.3.4', '*.[::1]'])
    expect({ pattern, ok: isHostPattern(pattern) }).toEqual({ pattern, ok: false });
  expect(hostMatches('*', 'x')).toBe(true);
  expect(hostMatches('*.example.org', 'a.b.example.org')).toBe(true);
  for (const host of ['example.org', '.example.org', 'badexample.org', 'a.example.org.evil.net'])
    expect(hostMatches('*.example.org', host)).toBe(false);
  expect(hostMatches('example.org', 'www.example.org')).toBe(false);
});

test('plain paths have one spelling', () => {
  for (const path of ['/', '/a', '/a b/ü.txt', '/a/.hidden', '/...']) expect(isPlainPath(path)).toBe(true);
  const refused = [
    '',
    'a',
    '//',
    '/a/',
    '/a//b',
    '/.',
    '/a/..',
    '/a/../b',
    '/a\\b',
    '/a\n',
    '/a\u202ecod.exe',
  ];
  for (const path of [...refused, '/u\u0308', '/\ud800', '/\u2028', `/${'a'.repeat(1024)}`])
    expect({ path, ok: isPlainPath(path) }).toEqual({ path, ok: false });
});

test('paths of targets', () => {
  for (const path of ['/', '/a', '/a/', '/a-b_c.html', '/a*b']) expect(isTargetPath(path)).toBe(true);
  for (const path of [
    '',
    '/a?b',
    '/a#b',
    '/%61',
    '/a;b',
    '/a//',
    '//',
    '/ü',
    '/a b',
    '/../a',
    '/a/./b',
    '/a/../',
  ])
    expect({ path, ok: isTargetPath(path) }).toEqual({ path, ok: false });
});

test('patterns of paths', () => {
  for (const pattern of ['*', '/', '/*', '/a', '/a/*', '/a/b']) expect(isPathPattern(pattern)).toBe(true);
  for (const pattern of ['', 'a', '/a*', '/a/', '/a/**', '/*/a', '/a//*', '/../*', '/a/*/*', '//*'])
    expect({ pattern, ok: isPathPattern(pattern) }).toEqual({ pattern, ok: false });
  for (const [pattern, path] of [
    ['*', '/a'],
    ['/*', '/a/b'],
    ['/a', '/a'],
    ['/a', '/a/'],
    ['/a/*', '/a'],
    ['/a/*', '/a/b/c'],
    ['/', '/'],
  ] as const)
    expect({ pattern, path, fits: pathMatches(pattern, path) }).toEqual({ pattern, path, fits: true });
  for (const [pattern, path] of [
    ['/a', '/a/b'],
    ['/a', '/A'],
    ['/a/*', '/ab'],
    ['/', '/a'],
  ] as const)
    expect({ pattern, path, fits: pathMatches(pattern, path) }).toEqual({ pattern, path, fits: false });
});

test('the extension of a file', () => {
  expect(extensionOf('/a.b/c.TXT')).toBe('txt');
  expect(extensionOf('/a.tar.gz')).toBe('gz');
  for (const path of ['/a', '/.txt', '/a.b/c', '/a.exe.', '/a.txt ', '/a.exe:b.txt', '/a.t\u0445t', '/a.'])
    expect({ path, extension: extensionOf(path) }).toEqual({ path, extension: null });
});

test('keys, media types, extensions', () => {
  for (const key of ['a', 'A', ' ', 'ü', '😀', 'PrintScreen', 'F12']) expect(isKeyName(key)).toBe(true);
  for (const key of ['', '\n', 'a b', '1a', '**', '\u202e', '\ud800', 'x'.repeat(33)])
    expect(isKeyName(key)).toBe(false);
  for (const type of ['text/plain', 'image/svg+xml']) expect(isMediaType(type)).toBe(true);
  for (const type of ['', 'text', 'Text/plain', 'text/plain;a=b', 'text/*', 'a/b/c'])
    expect(isMediaType(type)).toBe(false);
  for (const extension of ['', '.txt', 'TXT', 'a b', 'tar.gz']) expect(isExtension(extension)).toBe(false);
});
