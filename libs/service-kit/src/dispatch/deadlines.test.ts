import { createManualClock } from '../manual-clock.ts';
import { Deadlines } from './deadlines.ts';

const setUp = () => {
  const clock = createManualClock(0);
  const deadlines = new Deadlines(clock);
  const expired: [string, number][] = [];
  const add = (name: string, deadlineAtMs: number) => {
    const each = { deadlineAtMs, expire: () => void expired.push([name, clock.nowMs()]) };
    deadlines.add(each);
    return each;
  };
  return { clock, deadlines, expired, add };
};

it('keeps one timer, at the earliest deadline, and none when nothing waits', () => {
  const { clock, deadlines, add } = setUp();
  const late = add('late', 30_000);
  const soon = add('soon', 100);
  const later = add('later', 40_000);
  expect(clock.pendingMs).toEqual([100]);
  for (const each of [soon, late]) deadlines.remove(each);
  expect(clock.pendingMs).toHaveLength(1);
  deadlines.remove(later);
  expect(clock.pendingMs).toEqual([]);
});

it('expires each once, never early and at most 20 ms late', async () => {
  const { clock, deadlines, expired, add } = setUp();
  for (const atMs of [500, 100, 105, 100, 119]) add(`at ${atMs}`, atMs);
  deadlines.remove(add('gone', 101));
  await clock.advance(1_000);
  expect(expired.map(([name]) => name).sort()).toEqual(['at 100', 'at 100', 'at 105', 'at 119', 'at 500']);
  for (const [name, atMs] of expired) {
    const lateMs = atMs - Number(name.slice(3));
    expect([name, lateMs >= 0 && lateMs <= 20]).toEqual([name, true]);
  }
  expect(clock.pendingMs).toEqual([]);
});

it('goes on where an expiry adds another call', async () => {
  const { clock, deadlines, expired, add } = setUp();
  deadlines.add({ deadlineAtMs: 10, expire: () => void add('second', 15) });
  await clock.advance(100);
  expect(expired.map(([name]) => name)).toEqual(['second']);
});
