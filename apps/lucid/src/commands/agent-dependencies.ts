import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureAgentDependencies } from '@lucid/capture-agent';
import { sessionRecorderContract } from '@lucid/contracts';
import { ProblemError } from '@lucid/service-kit';
import type { Lucid } from '../host/lucid.ts';

/** Faults after which the same bytes are handed in again. */
const PASSING: ReadonlySet<string> = new Set([
  'unavailable',
  'deadline_exceeded',
  'too_many_requests',
  'internal',
]);

export const agentDependencies = (lucid: Lucid): CaptureAgentDependencies => ({
  recorder: lucid.clientOf(sessionRecorderContract),
  nowMs: () => Date.now(),
  delay: (ms) => delay(ms),
  isPassing: (error) => error instanceof ProblemError && PASSING.has(error.code) && lucid.hostAlive(),
  expectedOffset(error) {
    const expected =
      error instanceof ProblemError && error.code === 'offset_mismatch'
        ? error.extensions?.expected
        : undefined;
    return typeof expected === 'number' ? expected : null;
  },
});
