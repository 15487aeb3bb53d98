/**
 * `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10 (structured fields, RFC 9651) and `Retry-After`
 * (RFC 9110, 10.2.3, in seconds). Times are rounded up: who waits that long is not refused for having come early.
 */
import type { RateDecision } from './rate-limits.ts';

export interface RateLimitHeaders {
  /** `"user";r=499;t=60`: r requests remain, t seconds until all of the quota is there. */
  readonly ratelimit: string;
  /** `"user";q=500;w=60`: quota and window in seconds. */
  readonly 'ratelimit-policy': string;
  /** Only on a refusal. */
  readonly 'retry-after'?: string;
}

const toSeconds = (ms: number) => Math.ceil(ms / 1000);

export function toRateLimitHeaders(decision: RateDecision): RateLimitHeaders {
  const { rule, limit, windowMs, remaining, resetMs, retryAfterMs, allowed } = decision;
  return {
    ratelimit: `"${rule}";r=${remaining};t=${toSeconds(resetMs)}`,
    'ratelimit-policy': `"${rule}";q=${limit};w=${toSeconds(windowMs)}`,
    ...(allowed ? {} : { 'retry-after': String(Math.max(1, toSeconds(retryAfterMs))) }),
  };
}
