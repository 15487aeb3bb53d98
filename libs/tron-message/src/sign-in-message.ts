/**
 * The sign-in message: EIP-4361 (https://eips.ethereum.org/EIPS/eip-4361) for TRON, narrowed so that each message has one text and each
 * text one reading. In the ABNF of RFC 5234, all strings case-sensitive:
 *
 *     message    = domain " wants you to sign in with your TRON account:" LF
 *                  address LF
 *                  LF
 *                  [ statement LF ]
 *                  LF
 *                  "URI: " uri LF
 *                  "Version: 1" LF
 *                  "Chain ID: " chain-id LF
 *                  "Nonce: " nonce LF
 *                  "Issued At: " time
 *                  [ LF "Expiration Time: " time ]
 *                  [ LF "Not Before: " time ]
 *                  [ LF "Request ID: " request-id ]
 *                  [ LF "Resources:" 1*16( LF "- " resource ) ]     ; no line end behind the last line
 *
 *     domain     = ( name / IPv4 / "[" IPv6 "]" ) [ ":" port ]      ; lower case; port 1 to 65535
 *     address    = TRON base58check, 34 characters
 *     statement  = 1*512( unreserved / reserved / " " )             ; of RFC 3986; no space at either end
 *     uri        = ( "http" / "https" ) "://" domain [ ( "/" / "?" ) *( URI characters ) ]   ; no user, no fragment; at most 512
 *     chain-id   = "0x" 8( DIGIT / "a"-"f" )                        ; last 4 bytes of the genesis block's id
 *     nonce      = 8*64( ALPHA / DIGIT )
 *     time       = YYYY-MM-DD "T" HH:MM:SS.mmm "Z"                  ; a moment that exists, from 1970 on
 *     request-id = 1*128( unreserved / sub-delims / ":" / "@" )
 *     resource   = scheme ":" *( URI characters ) [ "#" *( URI characters ) ]                 ; at most 512
 *
 * At most 4096 bytes, all of them printable ASCII or LF: no letter that only looks like another can stand in it.
 * Not guaranteed here: that the domain is the reader's, that the nonce is fresh. `judgeSignIn` compares, the caller keeps the nonces.
 */
import { assertText } from '@lucid/bytes';
import {
  type FieldFault,
  fieldFault,
  RESOURCES_MAX,
  type SignInMessage,
  textToTime,
  timeToText,
} from './sign-in-fields.ts';

/** Why a text is no sign-in message. Closed set. */
export type SignInFault =
  | FieldFault
  /** Over 4096 bytes. */
  | 'too-large'
  /** A byte that is neither printable ASCII nor LF: CR, tab, NUL, anything of Unicode. */
  | 'bad-byte'
  /** The first line does not ask for a login with a TRON account. */
  | 'bad-header'
  /** The blank lines and the statement between address and fields are not as the grammar wants, or a line end stands last. */
  | 'bad-layout'
  /** A version that is not 1. */
  | 'bad-version'
  /** A field stands there twice. */
  | 'doubled-field'
  /** A line that begins no field of the grammar. */
  | 'unknown-field'
  /** A field stands before one that belongs before it. */
  | 'wrong-order'
  /** URI, version, chain ID, nonce or issued-at is not there. */
  | 'missing-field';

export class SignInError extends Error {
  readonly code: SignInFault;

  constructor(code: SignInFault, options?: ErrorOptions) {
    super(`sign-in message: ${code}`, options);
    this.name = 'SignInError';
    this.code = code;
  }
}

export type ParsedSignIn =
  | { readonly ok: true; readonly message: SignInMessage }
  | { readonly ok: false; readonly why: SignInFault };

export const SIGN_IN_MAX_BYTES = 4096;
const HEADER_END = ' wants you to sign in with your TRON account:';
const VERSION = '1';
// biome-ignore lint/suspicious/noControlCharactersInRegex: the line feed is the one control character of the grammar
const ALLOWED = /^[\x0a\x20-\x7e]*$/;

/** In the order of the message. */
const FIELDS = [
  'URI',
  'Version',
  'Chain ID',
  'Nonce',
  'Issued At',
  'Expiration Time',
  'Not Before',
  'Request ID',
  'Resources',
] as const;
type Field = (typeof FIELDS)[number];
const REQUIRED: readonly Field[] = ['URI', 'Version', 'Chain ID', 'Nonce', 'Issued At'];

/** What stands in front of a field's value; the values of `Resources` are on lines of their own. */
const startOf = (field: Field): string => (field === 'Resources' ? 'Resources:' : `${field}: `);

const fieldOfLine = (line: string): Field | undefined =>
  FIELDS.find((field) => (field === 'Resources' ? line === 'Resources:' : line.startsWith(startOf(field))));

/** @throws SignInError where a field is not as the grammar wants, or `too-large`; then nothing is to be signed. */
export function composeSignIn(message: SignInMessage): string {
  const fault = fieldFault(message);
  if (fault !== null) throw new SignInError(fault);
  const { statement, expirationTimeMs, notBeforeMs, requestId, resources } = message;
  const lines = [`${message.domain}${HEADER_END}`, message.address, ''];
  if (statement !== undefined) lines.push(statement);
  lines.push(
    '',
    `URI: ${message.uri}`,
    `Version: ${VERSION}`,
    `Chain ID: ${message.chainId}`,
    `Nonce: ${message.nonce}`,
    `Issued At: ${timeToText(message.issuedAtMs)}`,
  );
  if (expirationTimeMs !== undefined) lines.push(`Expiration Time: ${timeToText(expirationTimeMs)}`);
  if (notBeforeMs !== undefined) lines.push(`Not Before: ${timeToText(notBeforeMs)}`);
  if (requestId !== undefined) lines.push(`Request ID: ${requestId}`);
  if (resources !== undefined) lines.push('Resources:', ...resources.map((resource) => `- ${resource}`));
  const text = lines.join('\n');
  if (text.length > SIGN_IN_MAX_BYTES) throw new SignInError('too-large');
  return text;
}

interface Head {
  readonly domain: string;
  readonly address: string;
  readonly statement?: string;
  /** The lines from `URI: ` on. */
  readonly rest: readonly string[];
}

function parseHead(lines: readonly string[]): Head {
  const [header = '', address = '', blank, fourth] = lines;
  if (!header.endsWith(HEADER_END)) throw new SignInError('bad-header');
  if (blank !== '' || fourth === undefined) throw new SignInError('bad-layout');
  const domain = header.slice(0, -HEADER_END.length);
  if (fourth === '') return { domain, address, rest: lines.slice(4) };
  if (lines[4] !== '') throw new SignInError('bad-layout');
  return { domain, address, statement: fourth, rest: lines.slice(5) };
}

/** The lines of the fields, each known, once and in order. `Resources` is last, so all behind it is its own. */
function parseFields(lines: readonly string[]): { values: Map<Field, string>; resources?: string[] } {
  const values = new Map<Field, string>();
  let last = -1;
  for (const [at, line] of lines.entries()) {
    if (line === '') throw new SignInError('bad-layout');
    const field = fieldOfLine(line);
    if (field === undefined) throw new SignInError('unknown-field');
    if (values.has(field)) throw new SignInError('doubled-field');
    if (FIELDS.indexOf(field) < last) throw new SignInError('wrong-order');
    last = FIELDS.indexOf(field);
    values.set(field, line.slice(startOf(field).length));
    if (field === 'Resources') return { values, resources: parseResources(lines.slice(at + 1), values) };
  }
  return { values };
}

function parseResources(lines: readonly string[], before: ReadonlyMap<Field, string>): string[] {
  for (const line of lines) {
    const field = fieldOfLine(line);
    if (line === '') throw new SignInError('bad-layout');
    if (field !== undefined) throw new SignInError(before.has(field) ? 'doubled-field' : 'wrong-order');
    if (!line.startsWith('- ')) throw new SignInError('unknown-field');
  }
  if (lines.length === 0 || lines.length > RESOURCES_MAX) throw new SignInError('bad-resources');
  return lines.map((line) => line.slice(2));
}

function parseWhole(text: string): SignInMessage {
  if (text.length > SIGN_IN_MAX_BYTES) throw new SignInError('too-large');
  if (!ALLOWED.test(text)) throw new SignInError('bad-byte');
  const { rest, ...head } = parseHead(text.split('\n'));
  const { values, resources } = parseFields(rest);
  if (REQUIRED.some((field) => !values.has(field))) throw new SignInError('missing-field');
  if (values.get('Version') !== VERSION) throw new SignInError('bad-version');
  const optionalTime = (field: Field): number | undefined => {
    const value = values.get(field);
    return value === undefined ? undefined : textToTime(value);
  };
  const expirationTimeMs = optionalTime('Expiration Time');
  const notBeforeMs = optionalTime('Not Before');
  const requestId = values.get('Request ID');
  const message: SignInMessage = {
    ...head,
    uri: values.get('URI')!,
    chainId: values.get('Chain ID')!,
    nonce: values.get('Nonce')!,
    issuedAtMs: textToTime(values.get('Issued At')!),
    ...(expirationTimeMs !== undefined && { expirationTimeMs }),
    ...(notBeforeMs !== undefined && { notBeforeMs }),
    ...(requestId !== undefined && { requestId }),
    ...(resources !== undefined && { resources }),
  };
  const fault = fieldFault(message);
  if (fault !== null) throw new SignInError(fault);
  return message;
}

/**
 * The message that a text is, or the first reason why it is none. What is parsed is composed again to the same text.
 *
 * @throws TypeError where `text` is no string; never for what stands in it.
 */
export function parseSignIn(text: string): ParsedSignIn {
  assertText(text, 'parseSignIn');
  try {
    return { ok: true, message: parseWhole(text) };
  } catch (error) {
    if (error instanceof SignInError) return { ok: false, why: error.code };
    throw error;
  }
}
