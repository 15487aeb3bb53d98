import type { Clock } from '../clock.ts';
import { isProblem, ProblemError } from '../problem.ts';
import type { Send } from './send.ts';

export interface BreakerOptions {
  /** Failures in a row that open it; default 5. */
  readonly failures?: number;
  /** How long it stays open at first, in milliseconds; doubles with each probe that fails; default 250. */
  readonly openMs?: number;
  /** Longest time that it stays open; default 3,000, so that a target that is back is used again within 5 s. */
  readonly openCapMs?: number;
}

/**
 * Circuit breaker of one target: after some failures in a row calls fail at once for a while, then one call probes.
 *
 * Only silence counts as a failure (unavailable, deadline exceeded). A 500 is one request's bad luck, not the target's
 * health, and a caller that gives up says nothing about the target.
 */
export const withBreaker =
  (clock: Clock, options: BreakerOptions = {}) =>
  (next: Send): Send => {
    const { failures = 5, openMs = 250, openCapMs = 3_000 } = options;
    let failed = 0;
    let opened = 0;
    let openUntilMs = 0;
    let probing = false;

    const refuse = (call: Parameters<Send>[0], leftMs: number): never => {
      throw new ProblemError('unavailable', {
        remote: call.contract.service,
        detail: `${call.contract.service} did not answer lately; it is asked again in ${Math.ceil(leftMs / 1000)} s.`,
        extensions: { retryAfterMs: leftMs },
      });
    };

    return async (call) => {
      const leftMs = openUntilMs - clock.nowMs();
      if (failed >= failures && (leftMs > 0 || probing)) refuse(call, Math.max(leftMs, 1));
      const probe = failed >= failures;
      if (probe) probing = true;
      try {
        const answer = await next(call);
        failed = opened = 0;
        return answer;
      } catch (error) {
        if (isProblem(error, 'unavailable', 'deadline_exceeded')) {
          failed += 1;
          // Calls that were under way when it opened do not make it stay open longer.
          if (failed === failures || probe)
            openUntilMs = clock.nowMs() + Math.min(openCapMs, openMs * 2 ** opened++);
        } else if (!call.signal?.aborted) failed = opened = 0;
        throw error;
      } finally {
        if (probe) probing = false;
      }
    };
  };
