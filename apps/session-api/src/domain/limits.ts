/** How often an account may ask. */
import type { RateLimits, RateRule } from '@lucid/rate-limit';
import { problem } from '../problem.ts';

/** @throws ProblemError too_many_requests */
export async function assertWithin(limits: RateLimits, rule: RateRule, address: string): Promise<void> {
  const { allowed, retryAfterMs, limit, windowMs } = await limits.take(rule, address);
  if (allowed) return;
  throw problem('too_many_requests', {
    detail: `At most ${limit} of these in ${windowMs / 1000} seconds.`,
    extensions: { rule: rule.name, retryAfterMs },
  });
}
