/** Counts in Redis where several instances count together, per process while it is away; else in this process. */
import {
  createDegradingRateLimits,
  createMemoryRateLimits,
  type LimitsState,
  type RateLimits,
} from '@lucid/rate-limit';
import { connect, createRedisRateLimits } from '@lucid/rate-limit-redis';
import type { Log } from '@lucid/service-kit';

const REDIS_TIMEOUT_MS = 250;

export function openLimits(options: {
  readonly redisUrl: string | undefined;
  readonly log: Log;
  readonly nowMs: () => number;
}): RateLimits {
  const { redisUrl, log, nowMs } = options;
  const local = createMemoryRateLimits({ nowMs });
  if (redisUrl === undefined) return local;
  const redis = connect({ url: redisUrl, timeoutMs: REDIS_TIMEOUT_MS });
  const onChange = (state: LimitsState, cause?: unknown) => {
    if (state === 'local') log.warn({ err: cause }, 'requests are counted per process');
    else log.info('requests are counted together again');
  };
  return createDegradingRateLimits({
    shared: createRedisRateLimits({ redis, timeoutMs: REDIS_TIMEOUT_MS }),
    local,
    onChange,
  });
}
