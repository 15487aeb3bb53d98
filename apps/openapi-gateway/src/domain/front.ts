/**
 * What stands before the routes: only GET and HEAD, only addresses that are here, at most so many requests of one address.
 * All else is refused before anything of it is read.
 */
import { createHash } from 'node:crypto';
import {
  networkOf,
  type RateDecision,
  type RateLimits,
  type RateRule,
  toRateLimitHeaders,
} from '@lucid/rate-limit';
import {
  acceptRequestId,
  type Front,
  type FrontHost,
  type FrontServerOptions,
  type KitErrorCode,
  kitErrors,
  ProblemError,
  problemDocument,
  problemMediaType,
  type RawRequest,
  type RawResponse,
  requestIdHeader,
} from '@lucid/service-kit';

/** Every address that there is; none is decoded, so there is one way to write it. */
const offered =
  /^\/(?:|health|docs|docs\/[A-Za-z0-9.-]{1,64}|openapi|openapi\/[a-z][a-z0-9-]{0,62}\.(?:json|yaml))$/;

/** The place where programs look for a document first: the merged one. */
const wellKnown = '/openapi.json';
const merged = '/openapi/lucid.json';

const refusedUpgrade = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export interface FrontOptions {
  readonly limits: RateLimits;
  readonly requestsPerMinute: number;
  readonly maxConnections: number;
}

export function createFront(options: FrontOptions, host: FrontHost): Front {
  const rule: RateRule = { name: 'docs', limit: options.requestsPerMinute, windowMs: 60_000 };
  const answer = async (request: RawRequest, response: RawResponse): Promise<void> => {
    const refusal = refusalOf(request);
    if (refusal) return refuse(host, request, response, refusal);
    const decision = await options.limits.take(rule, senderOf(request));
    for (const [name, value] of Object.entries(toRateLimitHeaders(decision))) response.setHeader(name, value);
    if (!decision.allowed) return refuse(host, request, response, tooMany(decision));
    if (request.url === wellKnown) request.url = merged;
    host.routes(request, response);
  };
  return {
    server: serverOptions(options.maxConnections),
    request: (request, response) => void answer(request, response),
    upgrade: (_request, socket) => void socket.end(refusedUpgrade),
    close: async () => {},
  };
}

const serverOptions = (maxConnections: number): FrontServerOptions => ({
  maxHeaderBytes: 8 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  keepAliveTimeoutMs: 15_000,
  maxConnections,
});

interface Refusal {
  readonly code: KitErrorCode;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusalOf({ method, url = '' }: RawRequest): Refusal | null {
  if (method !== 'GET' && method !== 'HEAD')
    return { code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } };
  return url === wellKnown || offered.test(url) ? null : { code: 'not_found' };
}

const tooMany = (decision: RateDecision): Refusal => ({
  code: 'too_many_requests',
  headers: { ...toRateLimitHeaders(decision) },
});

/** The sender's network, hashed: a link-local address may be long. */
export const senderOf = ({ socket }: Pick<RawRequest, 'socket'>): string =>
  createHash('sha256')
    .update(networkOf(socket?.remoteAddress ?? 'socket'))
    .digest('base64url');

function refuse(host: FrontHost, request: RawRequest, response: RawResponse, refusal: Refusal): void {
  const { code, headers = {} } = refusal;
  const startedAtMs = performance.now();
  const requestId = acceptRequestId(request.headers[requestIdHeader]);
  const spec = kitErrors[code];
  const problem = new ProblemError(code);
  const body = JSON.stringify(problemDocument({ problem, spec, requestId }));
  host.started();
  for (const [name, value] of Object.entries({
    ...headers,
    'content-type': problemMediaType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    [requestIdHeader]: requestId,
    // What may follow in the body is not read.
    connection: 'close',
  }))
    response.setHeader(name, value);
  response.statusCode = spec.status;
  if (request.method === 'HEAD') response.end();
  else response.end(body);
  host.finished({
    operation: 'front',
    method: request.method ?? '',
    requestId,
    caller: '',
    status: spec.status,
    durationMs: performance.now() - startedAtMs,
    failure: problem,
  });
}
