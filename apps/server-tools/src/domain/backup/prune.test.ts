import fc from 'fast-check';
import type { FinishedBackup } from './list-backups.ts';
import { judgeRetention } from './prune.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);

/** Newest first, so many days old. */
const backups = (ages: readonly number[]): FinishedBackup[] =>
  [...ages]
    .sort((a, b) => a - b)
    .map((days, at) => ({
      name: `b${at}`,
      startedAt: new Date(nowMs - days * DAY_MS).toISOString(),
    })) as unknown as FinishedBackup[];
const namesOf = (found: readonly FinishedBackup[]) => found.map(({ name }) => name);

it.each([
  ['fewer than are kept', [0, 1, 2], { keep: 10 }, ['b0', 'b1', 'b2']],
  ['the newest', [0, 1, 2, 3], { keep: 2 }, ['b0', 'b1']],
  ['those young enough', [0, 6.9, 7.1, 30], { keep: 10, days: 7 }, ['b0', 'b1']],
  ['by both rules', [0, 1, 2, 30], { keep: 2, days: 7 }, ['b0', 'b1']],
  ['none', [30, 40], { keep: 10, days: 7 }, []],
])('keeps %s', (_name, ages, rules, kept) => {
  expect(namesOf(judgeRetention(backups(ages), rules, nowMs).kept)).toEqual(kept);
});

it('every backup stays or leaves, and none that leaves is newer than one that stays', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 20 }),
      fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      (ages, keep, days) => {
        const all = backups(ages);
        const { kept, leaving } = judgeRetention(all, { keep, days }, nowMs);
        expect([...namesOf(kept), ...namesOf(leaving)]).toEqual(namesOf(all));
        expect(kept.length).toBeLessThanOrEqual(keep);
      },
    ),
  );
});
