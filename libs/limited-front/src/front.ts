/** Counts the requests of each network address before anything of them is read; what is beyond the limit is answered 429. */
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
  type RawRequest,
  type RawResponse,
  refuseRequest,
  refuseUpgrade,
} from '@lucid/service-kit';

export interface LimitedFrontOptions {
  readonly limits: RateLimits;
  readonly maxConnections: number;
  /** Rules that a request counts for, at least one; the last one's numbers are told where all allow it. */
  rulesOf(request: RawRequest): readonly RateRule[];
}

export const senderOf = ({ socket }: Pick<RawRequest, 'socket'>): string =>
  networkOf(socket?.remoteAddress ?? 'socket');

/** The decision that refuses, else the last one. */
async function take(options: LimitedFrontOptions, request: RawRequest): Promise<RateDecision | undefined> {
  const sender = senderOf(request);
  let decision: RateDecision | undefined;
  for (const rule of options.rulesOf(request)) {
    decision = await options.limits.take(rule, sender);
    if (!decision.allowed) return decision;
  }
  return decision;
}

export function createLimitedFront(options: LimitedFrontOptions, host: FrontHost): Front {
  const answer = async (request: RawRequest, response: RawResponse): Promise<void> => {
    // Health, readiness and metrics are the host's own.
    if (!request.url?.startsWith('/api/')) return host.routes(request, response);
    const decision = await take(options, request);
    if (decision)
      for (const [name, value] of Object.entries(toRateLimitHeaders(decision)))
        response.setHeader(name, value);
    if (decision?.allowed !== false) host.routes(request, response);
    else refuseRequest(host, request, response, { code: 'too_many_requests' });
  };
  return {
    server: {
      maxHeaderBytes: 16 * 1024,
      headersTimeoutMs: 15_000,
      requestTimeoutMs: 60_000,
      keepAliveTimeoutMs: 30_000,
      maxConnections: options.maxConnections,
    },
    request: (request, response) => void answer(request, response),
    upgrade: (_request, socket) => refuseUpgrade(socket),
    close: async () => {},
  };
}
