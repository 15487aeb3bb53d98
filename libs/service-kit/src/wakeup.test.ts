import { createManualClock } from './manual-clock.ts';
import { Wakeup } from './wakeup.ts';

const PAUSE_MS = 1_000;

function waiting() {
  const clock = createManualClock();
  const wakeup = new Wakeup(clock);
  const stopping = new AbortController();
  const wait = () => {
    let over = false;
    void wakeup.wait(PAUSE_MS, stopping.signal).then(() => {
      over = true;
    });
    return () => over;
  };
  return { clock, wakeup, stopping, wait };
}

test('a wait ends when its time is over, and not before', async () => {
  const { clock, wait } = waiting();
  const over = wait();
  await clock.advance(PAUSE_MS - 1);
  expect(over()).toBe(false);
  await clock.advance(1);
  expect(over()).toBe(true);
});

test('a notification ends the wait that is under way and leaves no timer behind', async () => {
  const { clock, wakeup, wait } = waiting();
  const over = wait();
  wakeup.notify();
  await clock.advance(0);
  expect(over()).toBe(true);
  expect(clock.pendingMs).toEqual([]);
});

test('a notification that comes while nobody waits ends the next wait at once, and only that one', async () => {
  const { clock, wakeup, wait } = waiting();
  wakeup.notify();
  const first = wait();
  await clock.advance(0);
  expect(first()).toBe(true);
  const second = wait();
  await clock.advance(PAUSE_MS - 1);
  expect(second()).toBe(false);
});

test('a stop ends the wait, and the ones after it', async () => {
  const { clock, stopping, wait } = waiting();
  const under = wait();
  stopping.abort();
  const after = wait();
  await clock.advance(0);
  expect([under(), after()]).toEqual([true, true]);
  expect(clock.pendingMs).toEqual([]);
});
