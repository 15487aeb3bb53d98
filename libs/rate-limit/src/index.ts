export {
  type Counted,
  type Leased,
  toLeaseDecision,
  toRateDecision,
} from './decisions.ts';
export {
  createDegradingRateLimits,
  type DegradingOptions,
  type DegradingRateLimits,
  type LimitsState,
} from './degrading-rate-limits.ts';
export { RateLimitError, type RateLimitErrorCode } from './errors.ts';
export { type RateLimitHeaders, toRateLimitHeaders } from './headers.ts';
export { checkLeaseId, checkLeaseRule, checkLimitKey, checkRateRule } from './limit-form.ts';
export { createMemoryRateLimits, type MemoryRateLimitsOptions } from './memory-rate-limits.ts';
export { networkOf } from './network-of.ts';
export type {
  LeaseDecision,
  LeaseRule,
  RateDecision,
  RateLimits,
  RateLimitsCheck,
  RateRule,
} from './rate-limits.ts';
export { LEASE_RULES, PROFILE_LIMITS, type ProfileLimits, RATE_RULES } from './rules.ts';
