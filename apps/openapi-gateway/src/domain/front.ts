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
  type Front,
  type FrontHost,
  type FrontRefusal,
  type FrontServerOptions,
  type RawRequest,
  type RawResponse,
  refuseRequest,
  refuseUpgrade,
} from '@lucid/service-kit';

/** Every address that there is; none is decoded, so there is one way to write it. */
const offered =
  /^\/(?:|health|docs|docs\/[A-Za-z0-9.-]{1,64}|openapi|openapi\/[a-z][a-z0-9-]{0,62}\.(?:json|yaml))$/;

/** The place where programs look for a document first: the merged one. */
const wellKnown = '/openapi.json';
const merged = '/openapi/lucid.json';

export interface FrontOptions {
  readonly limits: RateLimits;
  readonly requestsPerMinute: number;
  readonly maxConnections: number;
}

export function createFront(options: FrontOptions, host: FrontHost): Front {
  const rule: RateRule = { name: 'docs', limit: options.requestsPerMinute, windowMs: 60_000 };
  const answer = async (request: RawRequest, response: RawResponse): Promise<void> => {
    const refusal = refusalOf(request);
    if (refusal) return refuseRequest(host, request, response, refusal);
    const decision = await options.limits.take(rule, senderOf(request));
    for (const [name, value] of Object.entries(toRateLimitHeaders(decision))) response.setHeader(name, value);
    if (!decision.allowed) return refuseRequest(host, request, response, tooMany(decision));
    if (request.url === wellKnown) request.url = merged;
    host.routes(request, response);
  };
  return {
    server: serverOptions(options.maxConnections),
    request: (request, response) => void answer(request, response),
    upgrade: (_request, socket) => refuseUpgrade(socket),
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

function refusalOf({ method, url = '' }: RawRequest): FrontRefusal | null {
  if (method !== 'GET' && method !== 'HEAD')
    return { code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } };
  return url === wellKnown || offered.test(url) ? null : { code: 'not_found' };
}

const tooMany = (decision: RateDecision): FrontRefusal => ({
  code: 'too_many_requests',
  headers: { ...toRateLimitHeaders(decision) },
});

/** The sender's network, hashed: a link-local address may be long. */
export const senderOf = ({ socket }: Pick<RawRequest, 'socket'>): string =>
  createHash('sha256')
    .update(networkOf(socket?.remoteAddress ?? 'socket'))
    .digest('base64url');
