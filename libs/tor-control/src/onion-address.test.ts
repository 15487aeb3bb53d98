import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import fc from 'fast-check';
import {
  base32ToBytes,
  bytesToBase32,
  createClientKeyPair,
  isClientPublicKey,
  isServiceId,
  onionKeyOf,
} from './onion-address.ts';

/** RFC 4648 section 10, in lower case and without padding. */
it.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('base32 of %j is %s', (text, encoded) => {
  expect(bytesToBase32(Buffer.from(text))).toBe(encoded);
  expect(Buffer.from(base32ToBytes(encoded) as Uint8Array).toString()).toBe(text);
  expect(Buffer.from(base32ToBytes(encoded.toUpperCase()) as Uint8Array).toString()).toBe(text);
});

it('base32 goes both ways, and has one text for each value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => expect(base32ToBytes(bytesToBase32(bytes))).toEqual(bytes)),
  );
  for (const bad of ['a', 'mz1', 'mz8x', 'mzxw6===', 'mz', 'my ', 'mzé'])
    expect([bad, base32ToBytes(bad)]).toEqual([bad, null]);
});

/** The examples of rend-spec-v3 section 6. */
it.each([
  'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd',
  'sp3k262uwy4r2k3ycr5awluarykdpag6a7y33jxop4cs2lu5uz5sseqd',
  'xa4r2iadxm55fbnqgwwi5mymqdcofiu3w6rpbtqn7b2dyn7mgwj64jyd',
])('%s is an address, and no other that differs by a letter', (address) => {
  expect(isServiceId(address)).toBe(true);
  for (let at = 0; at < address.length; at++) {
    const other = address[at] === 'a' ? 'b' : 'a';
    expect(isServiceId(address.slice(0, at) + other + address.slice(at + 1))).toBe(false);
  }
  for (const bad of [`${address}.onion`, address.toUpperCase(), address.slice(1), '', `${address}\n`])
    expect(isServiceId(bad)).toBe(false);
});

it('a key of 32 bytes has one address, and is clamped', () => {
  const { serviceId, key } = onionKeyOf(Buffer.alloc(32, 7));
  expect(isServiceId(serviceId)).toBe(true);
  expect(onionKeyOf(Buffer.alloc(32, 7))).toEqual({ serviceId, key });
  const expanded = Buffer.from(key, 'base64');
  expect([expanded.length, (expanded[0] as number) & 7, (expanded[31] as number) & 0xc0]).toEqual([
    64, 0, 0x40,
  ]);
});

it('a client has a pair of X25519 keys', () => {
  const { publicKey, privateKey } = createClientKeyPair();
  expect(isClientPublicKey(publicKey)).toBe(true);
  const raw = (text: string) => Buffer.from(base32ToBytes(text) as Uint8Array);
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw(privateKey)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  expect(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)).toEqual(raw(publicKey));
  expect(diffieHellman({ privateKey: key, publicKey: createPublicKey(key) })).toHaveLength(32);
  for (const bad of ['', publicKey.slice(1), `${publicKey.slice(1)}1`, `${publicKey}a`])
    expect(isClientPublicKey(bad)).toBe(false);
});
