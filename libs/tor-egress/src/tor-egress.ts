/**
 * The way out. Every request and connection goes to Tor's SOCKS port with the name of its target, which only Tor resolves; where
 * the proxy is down nothing is sent. Variables such as HTTPS_PROXY change nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Circuits } from './circuits.ts';
import { EgressError } from './egress-error.ts';
import { parseProxyUrl } from './proxy-url.ts';
import { outsideTarget, outsideUrl, redirectedUrl } from './target.ts';

export interface TorEgressOptions {
  /** `socks5://tor-proxy:9050`. */
  readonly proxyUrl: string;
  /** Of a request from its beginning to the last byte of the answer; default 60,000. */
  readonly timeoutMs?: number;
  /** Of a connection until its target has taken it; default 120,000, as Tor itself waits. */
  readonly connectTimeoutMs?: number;
  /** Of an answer's body; default 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** Of an answer's headers; default 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** Connections to one host for one purpose; default 8. */
  readonly connections?: number;
  /** How long a connection without a request stays open; default 10,000. */
  readonly keepAliveMs?: number;
  /** Certificates in PEM that vouch for hosts, beside those that Node trusts. */
  readonly ca?: readonly string[];
  /** Cryptographically secure random bytes. */
  readonly random?: (sizeBytes: number) => Uint8Array;
}

export interface EgressRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** How many redirects are followed, of GET and HEAD, and on the same host only; one more is refused. Absent: the 3xx is the answer. */
  readonly redirects?: number;
}

export interface EgressAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** Where the answer came from in the end. */
  readonly url: string;
}

/** Purposes are names of lower-case letters, digits, `.`, `:` and `-`; requests of one share circuits, of two never. */
export interface TorEgress {
  /** @throws EgressError, or the reason of the request's signal */
  fetch(purpose: string, url: string | URL, request?: EgressRequest): Promise<EgressAnswer>;
  /** A TCP connection; its owner closes it. @throws EgressError, or the signal's reason */
  connect(
    purpose: string,
    target: { readonly host: string; readonly port: number },
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<Socket>;
  /** From now on the purpose goes over other circuits, from another exit. */
  renew(purpose: string): void;
  /** Cuts every connection; nothing goes out any more. */
  close(): Promise<void>;
}

/** Opens nothing yet. @throws TypeError where the proxy's URL is none */
export function createTorEgress(options: TorEgressOptions): TorEgress {
  const { timeoutMs = 60_000, connectTimeoutMs = 120_000, maxAnswerBytes = 1024 * 1024 } = options;
  const circuits = new Circuits({
    proxy: parseProxyUrl(options.proxyUrl),
    connectTimeoutMs,
    maxHeaderBytes: options.maxHeaderBytes ?? 16 * 1024,
    connections: options.connections ?? 8,
    keepAliveMs: options.keepAliveMs ?? 10_000,
    ca: options.ca ? [...rootCertificates, ...options.ca] : undefined,
    random: options.random ?? randomBytes,
  });
  return {
    fetch: (purpose, url, request = {}) =>
      inTime(request.timeoutMs ?? timeoutMs, request.signal, async (signal) => {
        const limits = { signal, maxAnswerBytes: request.maxAnswerBytes ?? maxAnswerBytes };
        try {
          return await follow(circuits.agentOf(purpose), outsideUrl(url), request, limits);
        } catch (error) {
          throw signal.aborted ? signal.reason : failureOf(error);
        }
      }),
    connect: (purpose, { host, port }, given = {}) =>
      inTime(given.timeoutMs ?? connectTimeoutMs, given.signal, async (signal) =>
        circuits.connect(purpose, outsideTarget(host, port), signal),
      ),
    renew: (purpose) => circuits.renew(purpose),
    close: () => circuits.close(),
  };
}

/** The signal of `work` aborts when the time is over, with `timed_out`, and with the given signal's reason when that does. */
async function inTime<T>(
  timeoutMs: number,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new EgressError('timed_out')), timeoutMs);
  const pass = () => controller.abort(given?.reason);
  given?.addEventListener('abort', pass);
  if (given?.aborted) pass();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    given?.removeEventListener('abort', pass);
  }
}

interface Limits {
  readonly signal: AbortSignal;
  readonly maxAnswerBytes: number;
}

async function follow(
  agent: Dispatcher,
  url: URL,
  request: EgressRequest,
  limits: Limits,
): Promise<EgressAnswer> {
  const { method = 'GET', redirects = 0 } = request;
  const answer = await exchange(agent, url, request, limits);
  const { location } = answer.headers;
  const leads = [301, 302, 303, 307, 308].includes(answer.status) && typeof location === 'string';
  if (!leads || request.redirects === undefined || !/^(GET|HEAD)$/.test(method)) return answer;
  if (redirects === 0) throw new EgressError('redirect_refused');
  const next = outsideUrl(redirectedUrl(url, location));
  return follow(agent, next, { ...request, redirects: redirects - 1 }, limits);
}

async function exchange(
  agent: Dispatcher,
  url: URL,
  request: EgressRequest,
  limits: Limits,
): Promise<EgressAnswer> {
  const asked = agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method ?? 'GET',
    headers: { 'accept-encoding': 'identity', ...request.headers },
    body: request.body ?? null,
    signal: limits.signal,
  });
  const { statusCode, headers, body } = await orAborted(asked, limits.signal);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    sizeBytes += part.length;
    // Leaving the loop cuts the connection.
    if (sizeBytes > limits.maxAnswerBytes) throw new EgressError('answer_too_large');
    parts.push(part);
  }
  return {
    status: statusCode,
    headers,
    body: new Uint8Array(Buffer.concat(parts, sizeBytes)),
    url: url.href,
  };
}

/** The client hears of an abort only once it is connected, and drops the request then; who waits for it is told at once. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
  work.catch(() => {});
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

function failureOf(error: unknown): unknown {
  if (error instanceof EgressError) return error;
  const { code = '' } = error as { code?: string };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new EgressError('answer_too_large', { cause: error });
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return new EgressError('egress_closed', { cause: error });
  // Mistakes of the caller: a header that is none, for example.
  if (code === 'UND_ERR_INVALID_ARG' || error instanceof TypeError) return error;
  return new EgressError('answer_broken', { cause: error });
}
