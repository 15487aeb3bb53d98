/** Opens the limits: in Redis where several gateways count together, else in this process. */
import {
  createDegradingRateLimits,
  createMemoryRateLimits,
  type LimitsState,
  type RateLimits,
} from '@lucid/rate-limit';
import { connect, createRedisRateLimits } from '@lucid/rate-limit-redis';
import type { Log } from '@lucid/service-kit';

export interface Limits {
  /** Counted per process while Redis is away. */
  readonly counted: RateLimits;
  /** Rejects while Redis is away: for sign-ins, which rather fail than go uncounted. */
  readonly strict: RateLimits;
  close(): Promise<void>;
}

const REDIS_TIMEOUT_MS = 250;

export interface LimitsOptions {
  readonly redisUrl: string | undefined;
  readonly log: Log;
  readonly nowMs: () => number;
  /** After so long without an answer Redis is away. Default 250. */
  readonly timeoutMs?: number;
}

export function openLimits({ redisUrl, log, nowMs, timeoutMs = REDIS_TIMEOUT_MS }: LimitsOptions): Limits {
  const local = createMemoryRateLimits({ nowMs });
  if (redisUrl === undefined) return { counted: local, strict: local, close: () => local.close() };
  const redis = connect({ url: redisUrl, timeoutMs });
  return degradeFrom(createRedisRateLimits({ redis, timeoutMs }), local, log);
}

export function degradeFrom(shared: RateLimits, local: RateLimits, log: Log): Limits {
  const onChange = (state: LimitsState, cause?: unknown) => {
    if (state === 'local') log.warn({ err: cause }, 'limits are counted per process; sign-ins are refused');
    else log.info('limits are counted together again');
  };
  const counted = createDegradingRateLimits({ shared, local, onChange });
  return { counted, strict: shared, close: () => counted.close() };
}
