/** Who is at the other end of a connection: its address, how it is counted, and the profile that it is held to. */
import { isIP } from 'node:net';
import { PROFILES, type Profile } from '@lucid/access';

export interface Peer {
  /** Empty for a Unix socket: a process of this machine's own user. */
  readonly address: string;
  /** IPv4 whole, IPv6 by its /64: who has one address of it has them all. */
  readonly key: string;
  readonly profile: Profile | undefined;
}

/** `::ffff:127.0.0.1` is 127.0.0.1; a zone does not count. */
export function normalAddress(address: string): string {
  const bare = address.split('%')[0] ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  return mapped?.[1] ?? bare;
}

/** The first four groups of an IPv6 address, in lower case and without leading zeros. */
function prefix64(address: string): string {
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  const rest = right === undefined || right === '' ? [] : right.split(':');
  // A dotted quad at the end stands for two groups.
  const tailGroups = rest.length + (rest.at(-1)?.includes('.') ? 1 : 0);
  const all =
    right === undefined
      ? groups
      : [...groups, ...Array<string>(8 - groups.length - tailGroups).fill('0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((each) => Number.parseInt(each, 16).toString(16))
    .join(':')}::/64`;
}

export function countedKey(address: string): string {
  if (address === '') return 'local';
  return isIP(address) === 6 ? prefix64(address) : address;
}

const isProfile = (text: string): text is Profile => (PROFILES as readonly string[]).includes(text);

/** `ADDRESS=PROFILE`, separated by commas. @throws TypeError */
export function parseProfileAddresses(text: string): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  for (const entry of text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)) {
    const [address = '', profile = '', more] = entry.split('=');
    if (isIP(address) === 0 || !isProfile(profile) || more !== undefined || profiles.has(address))
      throw new TypeError('each must be an address, "=", and admin, user or node');
    profiles.set(address, profile);
  }
  return profiles;
}

export function createPeers(
  profiles: ReadonlyMap<string, Profile>,
): (remoteAddress: string | undefined) => Peer {
  return (remoteAddress = '') => {
    const address = normalAddress(remoteAddress);
    return { address, key: countedKey(address), profile: profiles.get(address) };
  };
}
