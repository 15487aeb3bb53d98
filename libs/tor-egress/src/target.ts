/** What lies outside, and may be asked for: nothing of this machine, of its networks, or without a name that the world knows. */
import { BlockList, isIP } from 'node:net';
import { EgressError } from './egress-error.ts';

/** Special-purpose addresses (RFC 6890 and its registries), and every IPv4 address in the clothes of IPv6. */
const INSIDE_IPV4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  INSIDE_IPV4.addSubnet(network, bits, 'ipv4');
/** A list of its own: one with `::ffff:0:0/96` holds every IPv4 address, too. */
const INSIDE_IPV6 = new BlockList();
for (const [network, bits] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 95],
  ['100::', 64],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  INSIDE_IPV6.addSubnet(network, bits, 'ipv6');

/** Names that no name server of the world answers (RFC 6761, RFC 6762, RFC 9476 and usage). */
const INSIDE_NAMES = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|arpa|alt)$/;
const LONGEST_NAME = 253;

export interface Target {
  /** In lower case, without brackets and final dot; of IPv6 as URLs write it. */
  readonly host: string;
  readonly port: number;
}

/** A host, and a port, that lie outside. @throws EgressError target_refused */
export function outsideTarget(host: string, port: number): Target {
  const bare = canonicalIpv6(
    host
      .toLowerCase()
      .replace(/^\[(.*)\]$/, '$1')
      .replace(/\.$/, ''),
  );
  if (!Number.isInteger(port) || port < 1 || port > 65_535 || !isOutside(bare))
    throw new EgressError('target_refused');
  return { host: bare, port };
}

/** IPv6 addresses as URLs write them, without dotted parts; those of one interface (`%eth0`) become nothing. */
function canonicalIpv6(host: string): string {
  if (isIP(host) !== 6) return host;
  return URL.canParse(`http://[${host}]`) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : '';
}

function isOutside(host: string): boolean {
  const version = isIP(host);
  if (version === 4) return !INSIDE_IPV4.check(host, 'ipv4');
  if (version === 6) return !INSIDE_IPV6.check(host, 'ipv6');
  return (
    host.length <= LONGEST_NAME &&
    /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*$/.test(host) &&
    !INSIDE_NAMES.test(host)
  );
}

/** A URL that lies outside. @throws EgressError target_refused */
export function outsideUrl(text: string | URL): URL {
  const url = URL.canParse(String(text)) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new EgressError('target_refused');
  outsideTarget(url.hostname, portOf(url));
  return url;
}

export const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);

/** Where a redirect may lead: the same host and path of trust, encrypted if it was. @throws EgressError redirect_refused */
export function redirectedUrl(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const sameSite =
    to?.hostname === from.hostname &&
    (to.protocol === from.protocol ? to.port === from.port : to.protocol === 'https:' && to.port === '');
  if (!to || !sameSite || to.username !== '' || to.password !== '') throw new EgressError('redirect_refused');
  return to;
}
