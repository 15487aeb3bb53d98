import fc from 'fast-check';
import { countedKey, createPeers, normalAddress, parseProfileAddresses } from './peers.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['', 'local'],
])('%s is counted as %s', (address, key) => {
  expect(countedKey(address)).toBe(key);
});

test('all addresses of a /64 are one, others are not', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.array(group, { minLength: 4, maxLength: 4 }),
      fc.nat(3),
      (all, tail, at) => {
        const text = (groups: readonly number[]) => groups.map((each) => each.toString(16)).join(':');
        const key = countedKey(text(all));
        expect(countedKey(text([...all.slice(0, 4), ...tail]))).toBe(key);
        const other = all.with(at, ((all[at] as number) + 1) % 0x10000);
        expect(countedKey(text(other))).not.toBe(key);
      },
    ),
  );
});

test('an IPv4 address in IPv6 is that address; a zone is none of it', () => {
  expect([normalAddress('::ffff:10.0.0.1'), normalAddress('fe80::1%eth0')]).toEqual(['10.0.0.1', 'fe80::1']);
});

test('profiles by address', () => {
  const peerOf = createPeers(parseProfileAddresses('10.0.0.1=admin, 10.0.0.2=user'));
  expect(peerOf('::ffff:10.0.0.2').profile).toBe('user');
  expect(peerOf('10.0.0.1').profile).toBe('admin');
  expect(peerOf('10.0.0.3').profile).toBeUndefined();
  expect(peerOf(undefined)).toEqual({ address: '', key: 'local', profile: undefined });
});

test.each(['10.0.0.1', '10.0.0.1=root', 'x=admin', '10.0.0.1=admin=user', '10.0.0.1=user,10.0.0.1=admin'])(
  '%s is no table of profiles',
  (text) => {
    expect(() => parseProfileAddresses(text)).toThrow(TypeError);
  },
);
