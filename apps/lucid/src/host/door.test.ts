import { hostname } from 'node:os';
import { type DoorOptions, isLoopback, signInOrigins } from './door.ts';

const options = (change: Partial<DoorOptions>): DoorOptions => ({
  host: '127.0.0.1',
  port: 8080,
  docsPort: 8180,
  uris: [],
  tls: 'off',
  ...change,
});

test('on the loopback address users sign in by number or name', () => {
  expect(signInOrigins(options({}), 8080)).toEqual(['http://127.0.0.1:8080', 'http://localhost:8080']);
  expect(signInOrigins(options({ host: '::1', tls: 'made' }), 9)).toEqual([
    'https://[::1]:9',
    'https://127.0.0.1:9',
    'https://localhost:9',
  ]);
});

test('beyond it, at every address and the name of this machine, and where else the operator says', () => {
  const every = signInOrigins(
    options({ host: '0.0.0.0', tls: 'made', uris: ['https://lucid.example'] }),
    8080,
  );
  expect(every[0]).toBe('https://lucid.example');
  expect(every).toEqual(expect.arrayContaining(['https://127.0.0.1:8080', 'https://localhost:8080']));
  if (/^[a-z0-9.-]+$/i.test(hostname())) expect(every).toContain(`https://${hostname().toLowerCase()}:8080`);
  for (const each of every) expect([each, new URL(each).origin]).toEqual([each, each]);
  expect(signInOrigins(options({ host: '192.0.2.2', tls: 'made' }), 1)).toEqual(['https://192.0.2.2:1']);
  // As browsers and the command line write it.
  expect(signInOrigins(options({ host: '192.0.2.2', tls: 'made' }), 443)).toEqual(['https://192.0.2.2']);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['192.0.2.1', false],
  ['127.0.0.1.example', false],
])('%s is the loopback address: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is);
});
