/** The fields of a sign-in message: what each may be, and its text. The grammar stands in sign-in-message.ts. */
import { isAddress } from './address.ts';

/** What a wallet's owner signs to log in. Times in milliseconds since 1970, UTC. */
export interface SignInMessage {
  /** Host, and port where it is not the scheme's own: who asks for the signature. */
  readonly domain: string;
  /** The TRON address that signs, base58check. */
  readonly address: string;
  /** One line for the reader, 1 to 512 characters. */
  readonly statement?: string;
  /** What is signed in to: http or https, no user, no fragment. */
  readonly uri: string;
  /** `0x` and 8 lower-case hex digits: see `chainIdOfGenesis`. */
  readonly chainId: string;
  /** 8 to 64 letters and digits; the challenge. */
  readonly nonce: string;
  readonly issuedAtMs: number;
  /** From this moment on the message is worth nothing. */
  readonly expirationTimeMs?: number;
  /** Before this moment it is worth nothing. */
  readonly notBeforeMs?: number;
  /** 1 to 128 characters. */
  readonly requestId?: string;
  /** 1 to 16 URIs that the signer wants to be known with the login. */
  readonly resources?: readonly string[];
}

/** Which field is not what the grammar wants. */
export type FieldFault =
  | 'bad-domain'
  | 'bad-address'
  | 'bad-statement'
  | 'bad-uri'
  | 'bad-chain-id'
  | 'bad-nonce'
  | 'bad-issued-at'
  | 'bad-expiration-time'
  | 'bad-not-before'
  | 'bad-request-id'
  | 'bad-resources';

export const RESOURCES_MAX = 16;
const STATEMENT_MAX_LENGTH = 512;
const URI_MAX_LENGTH = 512;
/** The last moment with a year of four digits. */
const TIME_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

// Repetitions that could share characters are bounded (a label has 63), so a hostile text costs time in proportion to its length.
// What stands in brackets is not checked to be an IPv6 address: a domain is of worth only where it equals the expected one.
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]{2,45}\\])(?::[1-9][0-9]{0,4})?$`);
const HOST_MAX_LENGTH = 253;
/** Unreserved and reserved characters of RFC 3986 without `#`, and what is percent-encoded. */
const URI_TAIL = "(?:[A-Za-z0-9._~:/?@!$&'()*+,;=\\[\\]-]|%[0-9A-F]{2})*";
const WEB_URI = new RegExp(`^https?://([^/?#]+)((?:[/?]${URI_TAIL})?)$`);
const RESOURCE = new RegExp(`^[a-z][a-z0-9+.-]{0,31}:${URI_TAIL}(?:#${URI_TAIL})?$`);
const STATEMENT = /^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;= -]+$/;
const CHAIN_ID = /^0x[0-9a-f]{8}$/;
const NONCE = /^[A-Za-z0-9]{8,64}$/;
const REQUEST_ID = /^[A-Za-z0-9._~:@!$&'()*+,;=-]{1,128}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** True for what an address bar shows of a server: lower-case name, IPv4 or bracketed IPv6, port 1 to 65535. */
export function isDomain(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > HOST_MAX_LENGTH + 6 || !DOMAIN.test(value)) return false;
  const port = /:([0-9]+)$/.exec(value.replace(/^\[.*\]/, ''))?.[1];
  return port === undefined || Number(port) <= 65_535;
}

function isWebUri(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > URI_MAX_LENGTH) return false;
  return isDomain(WEB_URI.exec(value)?.[1]);
}

const isStatement = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length <= STATEMENT_MAX_LENGTH &&
  STATEMENT.test(value) &&
  value.trim() === value;

const isTime = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= TIME_MAX_MS;

const isResource = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= URI_MAX_LENGTH && RESOURCE.test(value);

const isResources = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.length <= RESOURCES_MAX && value.every(isResource);

const matches =
  (expression: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && expression.test(value);

const optional =
  (rule: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || rule(value);

const RULES: readonly [keyof SignInMessage, FieldFault, (value: unknown) => boolean][] = [
  ['domain', 'bad-domain', isDomain],
  ['address', 'bad-address', isAddress],
  ['statement', 'bad-statement', optional(isStatement)],
  ['uri', 'bad-uri', isWebUri],
  ['chainId', 'bad-chain-id', matches(CHAIN_ID)],
  ['nonce', 'bad-nonce', matches(NONCE)],
  ['issuedAtMs', 'bad-issued-at', isTime],
  ['expirationTimeMs', 'bad-expiration-time', optional(isTime)],
  ['notBeforeMs', 'bad-not-before', optional(isTime)],
  ['requestId', 'bad-request-id', optional(matches(REQUEST_ID))],
  ['resources', 'bad-resources', optional(isResources)],
];

/** The first field, in the order of the message, that is not as it should be; null where all are. */
export function fieldFault(message: SignInMessage): FieldFault | null {
  return RULES.find(([field, , rule]) => !rule(message[field]))?.[1] ?? null;
}

export const timeToText = (timeMs: number): string => new Date(timeMs).toISOString();

/** Milliseconds since 1970; NaN for every text that `timeToText` does not write. */
export function textToTime(text: string): number {
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February in some engines, and 24:00; neither is written back as it was.
  return isTime(timeMs) && timeToText(timeMs) === text ? timeMs : Number.NaN;
}

/**
 * The name of a TRON network, as `eth_chainId` of its nodes and its wallets give it: `0x` and the last 4 bytes of the genesis block's id
 * (java-tron, TronJsonRpcImpl.ethChainId). 0x2b6653dc is the main network, 0x94a9059e Shasta, 0xcd8690dc Nile.
 *
 * @param blockId 64 lower-case hex digits, `blockID` of block 0.
 * @throws TypeError where it is no string; RangeError where it is no id of a block 0.
 */
export function chainIdOfGenesis(blockId: string): string {
  if (typeof blockId !== 'string') throw new TypeError('chainIdOfGenesis: expected string');
  if (!/^0{16}[0-9a-f]{48}$/.test(blockId)) throw new RangeError('chainIdOfGenesis: not the id of a block 0');
  return `0x${blockId.slice(-8)}`;
}
