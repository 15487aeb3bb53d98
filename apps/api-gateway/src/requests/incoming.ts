/**
 * One look at a request before anything is done with it: what is refused whoever asks, and the header lines that go on.
 *
 * Node's parser is strict (no Content-Length beside Transfer-Encoding or twice, no obsolete folding, no bare LF, no space
 * before a colon). What it lets through and others read in different ways is refused here.
 */
import type { ProblemError, RawRequest } from '@lucid/service-kit';
import { acceptRequestId } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { HostJudge } from './hosts.ts';
import { parseTarget, type Target } from './target.ts';

/** What the header lines say; never changed, so that the next request of a connection with the same lines may use it again. */
export interface JudgedLines {
  readonly raw: readonly string[];
  readonly host: string;
  readonly authorization: string | undefined;
  /** The client's own. */
  readonly requestId: string | undefined;
  /** Names and values in turns, as they go to the service: without those of this hop, or that only the gateway may say. */
  readonly passed: readonly string[];
  /** Undefined where it is not known before the end. */
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly expectsContinue: boolean;
  readonly upgrade: string | undefined;
}

export interface Incoming {
  readonly method: string;
  readonly target: Target;
  readonly lines: JudgedLines;
  readonly requestId: string;
  readonly hasBody: boolean;
}

export interface LinesJudge {
  readonly judgeHost: HostJudge;
  /** Lines that the gateway adds for the service. */
  readonly added: (host: string) => readonly string[];
}

export const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE']);

/** Of one hop (RFC 9110 section 7.6.1), or what the gateway says itself. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-original-url',
  'x-rewrite-url',
  'x-http-method-override',
  'x-request-id',
]);
/** Others read it differently when it comes twice. */
const ONCE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-length',
  'content-type',
  'transfer-encoding',
  'expect',
  'upgrade',
]);
/** A connection's own header must not be one that the request means something by. */
const NEVER_NAMED: ReadonlySet<string> = new Set(['host', 'authorization', 'content-length', 'content-type']);
const NOT_PRINTABLE = /[^\t\x20-\x7e]/;
const NAME = /^[a-z0-9!#$%&'*+.^`|~-]+$/;

const refuse = (detail: string): ProblemError => problem('invalid_request', { detail });

/** What was found of the header lines. */
interface Found {
  readonly passed: string[];
  readonly once: Map<string, string>;
  readonly cookies: string[];
  connection: string;
  authority: string | undefined;
  requestId: string | undefined;
}

/** `before`: lines of the connection's last request. @throws ProblemError */
export function judgeIncoming(request: RawRequest, judge: LinesJudge, before?: JudgedLines): Incoming {
  const { method = '', url = '', httpVersionMajor, httpVersionMinor } = request;
  if (httpVersionMajor < 2 && (httpVersionMajor !== 1 || httpVersionMinor !== 1))
    throw problem('version_not_supported');
  if (!METHODS.has(method)) throw problem('method_not_allowed');
  const target = parseTarget(url);
  const raw = request.rawHeaders;
  const lines = before && areEqual(before.raw, raw) ? before : judgeLines(raw, httpVersionMajor, judge);
  const { contentLength, chunked, requestId } = lines;
  const streamed = httpVersionMajor >= 2 && contentLength === undefined && !endsAtOnce(request);
  const hasBody = chunked || streamed || (contentLength !== undefined && contentLength > 0);
  if (hasBody && (method === 'GET' || method === 'HEAD')) throw refuse(`${method} has no body.`);
  return { method, target, lines, requestId: acceptRequestId(requestId), hasBody };
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function judgeLines(
  raw: readonly string[],
  httpMajor: number,
  { judgeHost, added }: LinesJudge,
): JudgedLines {
  const found = readLines(raw, httpMajor);
  const { once, passed } = found;
  const host = hostOf(found);
  judgeHost(host);
  const contentLength = once.get('content-length');
  const expect = once.get('expect');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw refuse('The expectation is not known.');
  if (found.connection !== '') dropNamed(found);
  if (found.cookies.length > 0) passed.push('cookie', found.cookies.join('; '));
  return {
    raw,
    host,
    authorization: once.get('authorization'),
    requestId: found.requestId,
    passed: [...passed, ...added(host)],
    contentLength: contentLength === undefined ? undefined : Number(contentLength),
    chunked: chunkedOf(once.get('transfer-encoding')),
    expectsContinue: expect !== undefined,
    upgrade: once.get('upgrade'),
  };
}

function readLines(raw: readonly string[], httpMajor: number): Found {
  const found: Found = {
    passed: [],
    once: new Map(),
    cookies: [],
    connection: '',
    authority: undefined,
    requestId: undefined,
  };
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    if (httpMajor >= 2 && name.startsWith(':')) {
      if (name === ':authority') found.authority = value;
    } else takeLine(found, name, value);
  }
  return found;
}

function takeLine(found: Found, name: string, value: string): void {
  // With `_` some servers take it for the name with `-`.
  if (!NAME.test(name)) throw refuse('A header has a name that it must not have.');
  if (NOT_PRINTABLE.test(value)) throw refuse('A header has characters that it must not have.');
  if (ONCE.has(name)) {
    if (found.once.has(name)) throw refuse(`The header ${name} comes twice.`);
    found.once.set(name, value);
  }
  if (name === 'connection') found.connection += `,${value}`;
  else if (name === 'x-request-id') found.requestId = value;
  else if (name === 'cookie') found.cookies.push(value);
  else if (!NOT_PASSED_ON.has(name) && !name.startsWith('x-forwarded-')) found.passed.push(name, value);
}

/** The only coding of a transfer that is taken is `chunked`, once. */
function chunkedOf(transferEncoding: string | undefined): boolean {
  if (transferEncoding === undefined) return false;
  if (transferEncoding.toLowerCase() !== 'chunked') throw refuse('The transfer coding is not taken.');
  return true;
}

const endsAtOnce = (request: RawRequest): boolean =>
  'stream' in request && (request.stream as { endAfterHeaders?: boolean }).endAfterHeaders === true;

function hostOf({ once, authority }: Found): string {
  const host = once.get('host');
  if (host !== undefined && authority !== undefined && host !== authority)
    throw refuse('Host and authority differ.');
  const either = authority ?? host;
  if (either === undefined) throw refuse('The host is missing.');
  return either;
}

function dropNamed({ connection, passed }: Found): void {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((each) => each.trim()),
  );
  for (const each of named)
    if (NEVER_NAMED.has(each)) throw refuse(`The header ${each} is not the connection's.`);
  for (let index = passed.length - 2; index >= 0; index -= 2)
    if (named.has(passed[index] as string)) passed.splice(index, 2);
}
