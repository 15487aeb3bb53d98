/** Why a request did not come out, or nothing came back: a closed set. Messages name no target. */

/** One sentence for each code. */
export const egressErrors = {
  target_refused:
    'This is no address that lies outside: http or https, a public name or an onion address, no credentials.',
  redirect_refused: 'The answer leads elsewhere: to another host, to no encryption, or on and on.',
  proxy_unreachable: 'The Tor proxy does not answer, and there is no other way out: nothing was sent.',
  proxy_protocol: 'What answers as the Tor proxy does not speak SOCKS 5: nothing was sent.',
  proxy_isolation_refused:
    'The proxy takes no user name, so circuits could not be kept apart: nothing was sent.',
  timed_out: 'There was no whole answer in time.',
  general_failure: 'Tor could not connect; it may not have joined its network yet.',
  not_allowed: 'Tor does not allow this connection.',
  network_unreachable: 'Tor finds no way to that network.',
  host_unreachable: 'Tor does not reach that host, or finds nobody of that name.',
  connection_refused: 'The host takes no connection at that port.',
  ttl_expired: 'Tor gave up waiting for a circuit to that host.',
  command_refused: 'The proxy does not make connections of this kind.',
  address_refused: 'The proxy does not take addresses of this kind.',
  onion_not_found: 'Nobody has published this onion service, or not yet.',
  onion_invalid: 'What was published of this onion service cannot be read.',
  onion_introduction_failed: 'The onion service was found, but does not answer at the points that it named.',
  onion_rendezvous_failed: 'The onion service answered, but did not come to the meeting point.',
  onion_key_missing: 'The onion service lets in only whom it knows, and Tor holds no key for it.',
  onion_key_wrong:
    'The onion service lets in only whom it knows, and the key that Tor holds is not one of them.',
  onion_address_invalid: 'This onion address is not one of version 3, or is written wrongly.',
  onion_introduction_timed_out: 'The onion service was found, but did not answer in time.',
  proxy_unknown_reply: 'The proxy refused for a reason of its own.',
  tls_failed: 'The host does not prove by a certificate that it is who was asked for, or speaks no TLS.',
  answer_too_large: 'The answer is larger than was allowed.',
  answer_broken: 'The connection broke off, or what came is no answer.',
  egress_closed: 'The way out is closed: this process stops.',
} as const;

export type EgressErrorCode = keyof typeof egressErrors;

export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code: EgressErrorCode;

  constructor(code: EgressErrorCode, options?: ErrorOptions) {
    super(`${code}: ${egressErrors[code]}`, options);
    this.code = code;
  }
}

export const isEgressError = (error: unknown, ...codes: readonly EgressErrorCode[]): error is EgressError =>
  error instanceof EgressError && (codes.length === 0 || codes.includes(error.code));

/** RFC 1928 section 6, and Tor's extended codes (its manual, `ExtendedErrors` of SocksPort). */
const REPLIES: Readonly<Record<number, EgressErrorCode>> = {
  1: 'general_failure',
  2: 'not_allowed',
  3: 'network_unreachable',
  4: 'host_unreachable',
  5: 'connection_refused',
  6: 'ttl_expired',
  7: 'command_refused',
  8: 'address_refused',
  240: 'onion_not_found',
  241: 'onion_invalid',
  242: 'onion_introduction_failed',
  243: 'onion_rendezvous_failed',
  244: 'onion_key_missing',
  245: 'onion_key_wrong',
  246: 'onion_address_invalid',
  247: 'onion_introduction_timed_out',
};

/** Code of a SOCKS 5 reply other than 0. */
export const errorOfReply = (reply: number): EgressErrorCode => REPLIES[reply] ?? 'proxy_unknown_reply';
