import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClockJudge, mostAheadSec, settleMs } from './clock-judge.ts';
import { nextSlotMs, slotOf, slotZeroSec } from './slots.ts';

const startMs = Date.UTC(2026, 0, 1);
function setUp() {
  const time = { nowMs: startMs, steadyMs: 0 };
  const judge = new ClockJudge({ clock: { nowMs: () => time.nowMs }, steadyMs: () => time.steadyMs });
  const pass = (clockMs: number, steadyMs = clockMs) => {
    time.nowMs += clockMs;
    time.steadyMs += steadyMs;
  };
  return { judge, pass };
}
const startSec = startMs / 1000;

test('a block has the time of the clock, and comes a second after its parent', () => {
  const { judge, pass } = setUp();
  expect(judge.judge(startSec - 50)).toEqual({ timestampSec: startSec, waitMs: 0 });
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 1, waitMs: 1_000 });
  pass(400);
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 1, waitMs: 600 });
  pass(600);
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 1, waitMs: 0 });
});

test('a clock that went back a little: blocks go on, one a second, each a second after its parent', () => {
  const { judge, pass } = setUp();
  judge.produced();
  pass(-100_000, 500);
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 1, waitMs: 500 });
  pass(500);
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 1, waitMs: 0 });
});

test('a clock that went back by more than blocks may be ahead: none until it is near', () => {
  const { judge, pass } = setUp();
  pass(-(mostAheadSec + 10) * 1000, 0);
  expect(judge.judge(startSec)).toMatchObject({ wrong: { code: 'clock_behind' }, waitMs: 11_000 });
  pass(11_000);
  expect(judge.judge(startSec)).toMatchObject({ timestampSec: startSec + 1 });
});

test('a jump ahead is believed after a while, or taken back before', () => {
  const { judge, pass } = setUp();
  pass(3_600_000, 0);
  expect(judge.judge(startSec)).toMatchObject({ wrong: { code: 'clock_jumped' }, waitMs: settleMs });
  pass(settleMs - 1);
  expect(judge.judge(startSec)).toMatchObject({ waitMs: 1 });
  pass(1);
  expect(judge.judge(startSec)).toEqual({ timestampSec: startSec + 3_600 + settleMs / 1000, waitMs: 0 });
  pass(3_600_000, 0);
  expect(judge.judge(startSec)).toHaveProperty('wrong');
  pass(-3_600_000, 10);
  expect(judge.judge(startSec)).toHaveProperty('timestampSec');
});

test('steps that are small are followed, however many', () => {
  const { judge, pass } = setUp();
  for (let at = 0; at < 10; at++) {
    pass(200_000, 1_000);
    expect(judge.judge(startSec)).toHaveProperty('timestampSec');
  }
});

test('whatever the clock does, time grows from block to block, and at most as far ahead as allowed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ clockMs: fc.integer({ min: -400_000, max: 400_000 }), steadyMs: fc.nat(5_000) })),
      (steps) => {
        const { judge, pass } = setUp();
        let parent = startSec;
        let nowMs = startMs;
        for (const { clockMs, steadyMs } of steps) {
          pass(clockMs, steadyMs);
          nowMs += clockMs;
          const judgement = judge.judge(parent);
          expect(judgement.waitMs).toBeGreaterThanOrEqual(0);
          if ('wrong' in judgement || judgement.waitMs > 0) continue;
          expect(judgement.timestampSec).toBeGreaterThan(parent);
          expect(judgement.timestampSec * 1000 - nowMs).toBeLessThanOrEqual(mostAheadSec * 1000);
          parent = judgement.timestampSec;
          judge.produced();
        }
      },
    ),
  );
});

test('slots are counted from the first of January 2024', () => {
  expect([slotOf(slotZeroSec, 120), slotOf(slotZeroSec + 119, 120), slotOf(slotZeroSec + 120, 120)]).toEqual([
    0, 0, 1,
  ]);
  expect(nextSlotMs(slotZeroSec + 119, 120)).toBe((slotZeroSec + 120) * 1000);
  expect(nextSlotMs(slotZeroSec + 120, 120)).toBe((slotZeroSec + 240) * 1000);
  expect(nextSlotMs(slotZeroSec + 120, 0)).toBe(Number.POSITIVE_INFINITY);
});
