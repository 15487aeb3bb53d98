import { expect, test } from '@jest/globals';
import { ExecutionGate } from './execution-gate.ts';

const never = new AbortController();

test('8 run at once, 1,000 wait in their order, more are sent away, those whose caller left are not begun', async () => {
  const gate = new ExecutionGate();
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const leaving = new AbortController();
  const start = (index: number) =>
    gate.run(
      async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        return index;
      },
      index === 40 ? leaving : never,
    );
  const all = Array.from({ length: 1_008 }, (_, index) => start(index));
  const left = expect(all[40]).rejects.toThrow('left');
  await expect(start(1_008)).rejects.toMatchObject({ code: 'too_many_requests' });
  expect(begun).toHaveLength(8);
  leaving.abort(new Error('left'));
  for (let ended = 0; ended < ends.length; ended += 1) {
    ends[ended]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await left;
  expect(begun).toEqual(Array.from({ length: 1_008 }, (_, index) => index).filter((each) => each !== 40));
  await Promise.allSettled(all);
  expect(await gate.run(async () => 'free', never)).toBe('free');
});

test('work that fails gives its place to the next', async () => {
  const gate = new ExecutionGate();
  const failing = () => gate.run(() => Promise.reject(new Error('it failed')), never);
  for (let times = 0; times < 100; times += 1) await expect(failing()).rejects.toThrow('it failed');
  expect(await gate.run(async () => 'free', never)).toBe('free');
});
