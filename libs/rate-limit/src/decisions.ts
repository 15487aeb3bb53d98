/** From what an adapter counted to what a caller is told: one place, so that all adapters say the same. */
import type { LeaseDecision, LeaseRule, RateDecision, RateRule } from './rate-limits.ts';

export interface Counted {
  readonly allowed: boolean;
  /** In the window, this request included if it passed. */
  readonly count: number;
  /** Until the youngest of them leaves the window. */
  readonly emptyInMs: number;
  /** Until there is a place, where the window is full; else 0. */
  readonly freeInMs: number;
  /** Of the block that runs now; 0 without one. */
  readonly blockedMs: number;
}

export function toRateDecision(rule: RateRule, counted: Counted): RateDecision {
  const { allowed, count, blockedMs } = counted;
  return {
    allowed,
    rule: rule.name,
    limit: rule.limit,
    windowMs: rule.windowMs,
    remaining: blockedMs > 0 ? 0 : Math.max(0, rule.limit - count),
    resetMs: Math.ceil(Math.max(counted.emptyInMs, blockedMs)),
    retryAfterMs: allowed ? 0 : Math.ceil(Math.max(counted.freeInMs, blockedMs)),
    blocked: !allowed && blockedMs > 0,
  };
}

export interface Leased {
  readonly held: boolean;
  readonly count: number;
  /** Until the first lease ends. */
  readonly freeInMs: number;
}

export function toLeaseDecision(rule: LeaseRule, { held, count, freeInMs }: Leased): LeaseDecision {
  return {
    held,
    rule: rule.name,
    limit: rule.limit,
    remaining: Math.max(0, rule.limit - count),
    expiresInMs: held ? rule.leaseMs : 0,
    retryAfterMs: held ? 0 : Math.ceil(freeInMs),
  };
}
