import { isIdempotent } from '@lucid/contracts';
import type { Clock } from '../clock.ts';
import { isProblem, type ProblemError } from '../problem.ts';
import type { Send } from './send.ts';

export interface RetryOptions {
  /** Tries in all; default 4. */
  readonly attempts?: number;
  /** Upper bound of the first pause; doubles; default 50. */
  readonly baseMs?: number;
  /** Upper bound of any pause; default 2,000. A server that asks for a longer one is not asked again. */
  readonly capMs?: number;
}

/**
 * Repeats idempotent operations after an answer that says "not now": no connection, 503, 429. Full jitter
 * (a uniform pause below a doubling bound) keeps many clients from coming back at once.
 */
export const withRetry =
  (dependencies: { clock: Clock; random: () => number }, options: RetryOptions = {}) =>
  (next: Send): Send => {
    const { attempts = 4, baseMs = 50, capMs = 2_000 } = options;
    return async (call) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await next(call);
        } catch (error) {
          if (attempt >= attempts || !isIdempotent(call.spec) || call.signal?.aborted) throw error;
          if (!isProblem(error, 'unavailable', 'too_many_requests')) throw error;
          const pauseMs = Math.max(
            dependencies.random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)),
            retryAfterMs(error),
          );
          if (pauseMs > capMs || dependencies.clock.nowMs() + pauseMs >= call.deadlineAtMs) throw error;
          await dependencies.clock.sleep(pauseMs, call.signal);
        }
      }
    };
  };

const retryAfterMs = (problem: ProblemError): number => {
  const asked = problem.extensions.retryAfterMs;
  return typeof asked === 'number' && asked > 0 ? asked : 0;
};
