import type { Clock } from '../clock.ts';
import { ProblemError } from '../problem.ts';
import type { Send } from './send.ts';

/**
 * Gives up at the call's deadline or when its signal aborts, whatever is below, and tells the work below to stop.
 * Signals are linked by hand: AbortSignal.any costs some 30 µs and keeps its parts alive in Node 20.
 */
export const withDeadline =
  (clock: Clock) =>
  (next: Send): Send =>
  (call) => {
    const { signal: outer } = call;
    const controller = new AbortController();
    return new Promise((resolve, reject) => {
      outer?.throwIfAborted();
      const stop = (reason: unknown) => {
        finish();
        reject(reason);
        controller.abort(reason);
      };
      const onAbort = () => stop(outer?.reason);
      const cancel = clock.after(Math.max(0, call.deadlineAtMs - clock.nowMs()), () =>
        stop(new ProblemError('deadline_exceeded', { remote: call.contract.service })),
      );
      const finish = () => {
        cancel();
        outer?.removeEventListener('abort', onAbort);
      };
      outer?.addEventListener('abort', onAbort, { once: true });
      next({ ...call, signal: controller.signal })
        .then(resolve, reject)
        .finally(finish);
    });
  };
