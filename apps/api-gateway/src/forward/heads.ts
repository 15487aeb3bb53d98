/** Header lines in both directions: what the gateway adds, and what does not cross it. */
import type { Peer } from '../requests/peers.ts';

/** RFC 7239 section 6: IPv6 in brackets and quotes. */
const forwardedFor = (address: string): string =>
  address === '' ? '_local' : address.includes(':') ? `"[${address}]"` : address;

/** For the service: from where it came. */
export const linesOfPeer = (peer: Peer, secure: boolean, host: string): string[] => {
  const protocol = secure ? 'https' : 'http';
  return [
    'x-forwarded-for',
    peer.address || 'local',
    'x-forwarded-proto',
    protocol,
    'x-forwarded-host',
    host,
    'forwarded',
    `for=${forwardedFor(peer.address)};host="${host}";proto=${protocol}`,
  ];
};

/** Of one hop, or what the gateway says itself. */
const NOT_PASSED_BACK: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'date',
  'server',
  'via',
  'x-powered-by',
  'alt-svc',
  'x-request-id',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-resource-policy',
  'strict-transport-security',
]);

const ALWAYS = [
  'x-content-type-options',
  'nosniff',
  'x-frame-options',
  'DENY',
  'referrer-policy',
  'no-referrer',
  'cross-origin-resource-policy',
  'same-origin',
];
const OVER_TLS = ['strict-transport-security', 'max-age=31536000'];
export const CSP = 'content-security-policy';
export const NO_CONTENT_OF_OURS = "default-src 'none'; frame-ancestors 'none'";

/** What stands on every answer. */
export const linesOfGateway = (requestId: string, secure: boolean): string[] =>
  secure ? [...ALWAYS, ...OVER_TLS, 'x-request-id', requestId] : [...ALWAYS, 'x-request-id', requestId];

export interface ServiceHead {
  readonly lines: string[];
  readonly contentLength: number | undefined;
  readonly isEventStream: boolean;
}

/** Adds to `lines` what the service answered; `raw` are names and values in turns. */
export function linesFromService(raw: readonly (Buffer | string)[], lines: string[]): ServiceHead {
  let contentLength: number | undefined;
  let isEventStream = false;
  let hasPolicy = false;
  let named: Set<string> | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = textOf(raw[index]).toLowerCase();
    if (name === 'connection') named = namedBy(textOf(raw[index + 1]), named);
    if (NOT_PASSED_BACK.has(name)) continue;
    const value = textOf(raw[index + 1]);
    if (name === 'content-length') contentLength = Number(value);
    else if (name === 'content-type') isEventStream = value.startsWith('text/event-stream');
    else if (name === CSP) hasPolicy = true;
    lines.push(name, value);
  }
  if (!hasPolicy) lines.push(CSP, NO_CONTENT_OF_OURS);
  return { lines: named ? withoutNamed(lines, named) : lines, contentLength, isEventStream };
}

const textOf = (bytes: Buffer | string | undefined): string =>
  typeof bytes === 'string' ? bytes : (bytes?.toString('latin1') ?? '');

function namedBy(value: string, before: Set<string> | undefined): Set<string> | undefined {
  const lower = value.toLowerCase();
  if (lower === 'keep-alive' || lower === 'close') return before;
  return new Set([...(before ?? []), ...lower.split(',').map((each) => each.trim())]);
}

function withoutNamed(lines: readonly string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index < lines.length; index += 2)
    if (!named.has(lines[index] as string)) kept.push(lines[index] as string, lines[index + 1] as string);
  return kept;
}
