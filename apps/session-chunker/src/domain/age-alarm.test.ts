import { createManualClock } from '@lucid/service-kit/testing';
import { AgeAlarm } from './age-alarm.ts';
import { ScratchPool } from './scratch-pool.ts';

describe('AgeAlarm', () => {
  it('rings each owner once, after its age, with one timer for all', async () => {
    const clock = createManualClock();
    const alarm = new AgeAlarm({ maxAgeMs: 100, clock });
    const rung: string[] = [];
    const [a, b] = [{}, {}];
    expect(clock.pendingMs).toEqual([]);
    alarm.arm(a, () => rung.push('a'));
    await clock.advance(40);
    alarm.arm(a, () => rung.push('a again'));
    alarm.arm(b, () => rung.push('b'));
    expect(clock.pendingMs).toHaveLength(1);
    await clock.advance(60);
    expect(rung).toEqual(['a']);
    await clock.advance(40);
    expect(rung).toEqual(['a', 'b']);
    expect(clock.pendingMs).toEqual([]);
    alarm.arm(a, () => rung.push('a later'));
    await clock.advance(100);
    expect(rung).toEqual(['a', 'b', 'a later']);
  });

  it('does not ring who was disarmed, nor after it was closed', async () => {
    const clock = createManualClock();
    const alarm = new AgeAlarm({ maxAgeMs: 100, clock });
    const rung: string[] = [];
    const [a, b] = [{}, {}];
    alarm.arm(a, () => rung.push('a'));
    alarm.disarm(a);
    alarm.arm(b, () => rung.push('b'));
    alarm.close();
    await clock.advance(1000);
    expect(rung).toEqual([]);
    expect(clock.pendingMs).toEqual([]);
  });
});

describe('ScratchPool', () => {
  it('gives a buffer again, where it is large enough', () => {
    const pool = new ScratchPool();
    const large = pool.take(1_000_000);
    pool.give(large);
    expect(pool.take(65_536)).toBe(large);
    expect(pool.take(65_536)).not.toBe(large);
    expect(large.length).toBeGreaterThan(1_000_000);
  });

  it('keeps few', () => {
    const pool = new ScratchPool();
    const taken = Array.from({ length: 10 }, () => pool.take(1000));
    for (const each of taken) pool.give(each);
    const again = new Set(Array.from({ length: 10 }, () => pool.take(1000)));
    expect(taken.filter((each) => again.has(each))).toHaveLength(4);
  });
});
