import { createPrivateKey } from 'node:crypto';
import { createServiceKeys, keyringOf, parseKeyring, parseServiceKey } from './keys.ts';

// RFC 8032, section 7.1, test 1.
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const publicKey = Buffer.from(
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  'hex',
).toString('base64');

it.each([
  ['raw', seed],
  ['hex', Buffer.from(`${seed.toString('hex')}\n`)],
  ['base64', Buffer.from(seed.toString('base64'))],
])('reads a secret key that is %s', (_kind, content) => {
  expect(parseServiceKey('notes', content)).toMatchObject({ caller: 'notes', publicKey });
});

it('reads a PEM', () => {
  const { secretPem } = parseServiceKey('notes', seed);
  expect(parseServiceKey('notes', Buffer.from(secretPem)).publicKey).toBe(publicKey);
});

it.each(['', 'x', 'AAAA', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])(
  'refuses %j',
  (text) => {
    expect(() => parseServiceKey('notes', Buffer.from(text))).toThrow(TypeError);
  },
);

it.each([null, [], 'x', { a: 1 }, { a: 'AAAA' }])('refuses the keyring %j', (value) => {
  expect(() => parseKeyring(value)).toThrow(TypeError);
});

it('makes keys that are all different and in the keyring', () => {
  const { keys, keyring } = createServiceKeys(['a', 'b']);
  expect(new Set([...keys.values()].map((each) => each.publicKey)).size).toBe(2);
  expect(keyringOf([...keys.values()])).toEqual(keyring);
  expect(createPrivateKey(keys.get('a')?.secretPem ?? '').asymmetricKeyType).toBe('ed25519');
});
