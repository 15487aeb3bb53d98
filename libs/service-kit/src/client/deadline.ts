import type { Clock } from '../clock.ts';
import { ProblemError } from '../problem.ts';
import type { Send } from './send.ts';

/** Gives up at the call's deadline, whatever is below: answers late by none, and tells the work below to stop. */
export const withDeadline =
  (clock: Clock) =>
  (next: Send): Send =>
  async (call) => {
    const expiry = new AbortController();
    const done = new AbortController();
    const signal = AbortSignal.any([call.signal, expiry.signal]);
    call.signal.throwIfAborted();
    const tooLate = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    clock
      .sleep(Math.max(0, call.deadlineAtMs - clock.nowMs()), done.signal)
      .then(() => expiry.abort(new ProblemError('deadline_exceeded', { remote: call.contract.service })))
      .catch(() => {});
    try {
      return await Promise.race([next({ ...call, signal }), tooLate]);
    } finally {
      done.abort();
    }
  };
