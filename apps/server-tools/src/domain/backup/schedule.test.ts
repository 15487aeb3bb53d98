import fc from 'fast-check';
import { lastDueMs, untilDueMs } from './schedule.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const DAY_MS = 86_400_000;

it.each([
  ['2026-01-02T03:00:00', 3, '2026-01-02T03:00:00'],
  ['2026-01-02T02:59:59.999', 3, '2026-01-01T03:00:00'],
  ['2026-01-02T23:59:59', 0, '2026-01-02T00:00:00'],
  ['2026-03-01T00:00:00', 23, '2026-02-28T23:00:00'],
])('before or at %s the hour %i was at %s', (now, hour, due) => {
  expect(lastDueMs(at(now), hour)).toBe(at(due));
});

it.each([
  ['none was ever taken: now', '2026-01-02T05:00:00', undefined, 0],
  ['one was taken at the hour: tomorrow', '2026-01-02T05:00:00', '2026-01-02T03:00:00', 22 * 3_600_000],
  ['one was taken by hand since: tomorrow', '2026-01-02T05:00:00', '2026-01-02T04:59:59', 22 * 3_600_000],
  ['one was taken just before the hour: now', '2026-01-02T05:00:00', '2026-01-02T02:59:59', 0],
  ['the machine was off at the hour: now', '2026-01-05T01:00:00', '2026-01-02T03:00:00', 0],
  [
    'the clock was set back behind the newest: later',
    '2026-01-01T00:00:00',
    '2026-01-02T03:00:00',
    3 * 3_600_000,
  ],
])('%s', (_name, now, newest, waitMs) => {
  expect(untilDueMs(at(now), 3, newest === undefined ? undefined : at(newest))).toBe(waitMs);
});

it('whoever waits as long as is said takes one a day, each within its day', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 10 * DAY_MS }),
      (hour, startMs) => {
        let nowMs = startMs + 20_000 * DAY_MS;
        let newestMs: number | undefined;
        const taken: number[] = [];
        for (let step = 0; step < 10; step += 1) {
          const waitMs = untilDueMs(nowMs, hour, newestMs);
          if (waitMs === 0) {
            newestMs = nowMs;
            taken.push(lastDueMs(nowMs, hour));
          } else nowMs += waitMs;
        }
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken.slice(1).every((each, n) => each - taken[n]! === DAY_MS)).toBe(true);
      },
    ),
  );
});
