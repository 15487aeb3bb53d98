import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RateRule } from '../rate-limits.ts';
import { type RateLimitsFactory, withLimits } from './harness.ts';

const WINDOW_MS = 60_000;

/** Pauses before each request: bursts, even streams, and steps that meet the window's edge to the millisecond. */
const pauses = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(1, 29_999, 30_000, 59_999, 60_000, 60_001, 200_000) },
  ),
  { minLength: 1, maxLength: 120 },
);

/** The definition itself: every time that passed, looked at again for each request. */
function inWindow(passed: readonly number[], atMs: number): number[] {
  return passed.filter((time) => time > atMs - WINDOW_MS && time <= atMs);
}

export function slidingSuite(factory: RateLimitsFactory, runs: number): void {
  test('no minute ever holds more than the limit, and none is refused but by a full one', async () => {
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 1, max: 20 }), (steps, limit) =>
        withLimits(factory, async ({ limits, openAgain, elapse }) => {
          const rule: RateRule = { name: 'any', limit, windowMs: WINDOW_MS };
          const other = await openAgain();
          const passed: number[] = [];
          let atMs = 0;
          for (const [index, pauseMs] of steps.entries()) {
            await elapse(pauseMs);
            atMs += pauseMs;
            const before = inWindow(passed, atMs);
            const answer = await (index % 3 ? limits : other).take(rule, 'k');
            expect(answer.allowed).toBe(before.length < limit);
            if (answer.allowed) passed.push(atMs);
            const after = inWindow(passed, atMs);
            expect(after.length).toBeLessThanOrEqual(limit);
            expect(answer.remaining).toBe(limit - after.length);
            expect(answer.resetMs).toBe(after.at(-1)! + WINDOW_MS - atMs);
            expect(answer.retryAfterMs).toBe(answer.allowed ? 0 : before[0]! + WINDOW_MS - atMs);
          }
          await other.close();
        }),
      ),
      { numRuns: runs },
    );
  });
}
