import { createDegradingRateLimits, type LimitsState } from './degrading-rate-limits.ts';
import { RateLimitError } from './errors.ts';
import { createMemoryRateLimits } from './memory-rate-limits.ts';
import type { LeaseRule, RateLimits, RateRule } from './rate-limits.ts';

const THREE: RateRule = { name: 'three', limit: 3, windowMs: 60_000 };
const TWO: LeaseRule = { name: 'two', limit: 2, leaseMs: 30_000 };

/** A server with a switch: another process's limits that can be away. */
function open() {
  const nowMs = () => 0;
  const server = createMemoryRateLimits({ nowMs });
  const changes: LimitsState[] = [];
  const probes: (() => void)[] = [];
  let cancelled = 0;
  let away = false;
  const reach = async <R>(work: () => Promise<R>): Promise<R> => {
    if (away) throw new RateLimitError('limits_unavailable', 'away');
    return work();
  };
  const shared: RateLimits = {
    take: (rule, key) => reach(() => server.take(rule, key)),
    reset: (rule, key) => reach(() => server.reset(rule, key)),
    hold: (rule, key, leaseId) => reach(() => server.hold(rule, key, leaseId)),
    release: (rule, key, leaseId) => reach(() => server.release(rule, key, leaseId)),
    check: async () => ({ ok: !away, latencyMs: 0 }),
    close: () => server.close(),
  };
  const limits = createDegradingRateLimits({
    shared,
    local: createMemoryRateLimits({ nowMs }),
    onChange: (state) => void changes.push(state),
    schedule: (work) => {
      probes.push(work);
      return () => {
        cancelled += 1;
      };
    },
  });
  return {
    ...{ server, limits, changes, probes },
    cancelled: () => cancelled,
    setAway: (value: boolean) => {
      away = value;
    },
    /** Lets the time to the next probe pass, and the probe end. */
    async probe() {
      probes.shift()!();
      await new Promise(setImmediate);
    },
  };
}

test('goes on alone while the server is away, with what this process had let through, and comes back', async () => {
  const { limits, changes, probe, setAway } = open();
  expect((await limits.take(THREE, 'k')).remaining).toBe(2);
  setAway(true);
  expect((await limits.take(THREE, 'k')).remaining).toBe(1);
  expect(limits.state()).toBe('local');
  expect(await limits.check()).toMatchObject({ ok: false, why: 'limits are counted per process' });
  await probe();
  expect(limits.state()).toBe('local');
  expect((await limits.take(THREE, 'k')).remaining).toBe(0);
  expect((await limits.take(THREE, 'k')).allowed).toBe(false);
  setAway(false);
  expect(limits.state()).toBe('local');
  await probe();
  expect(changes).toEqual(['local', 'shared']);
  expect(await limits.take(THREE, 'k')).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limits.check()).toMatchObject({ ok: true });
});

test('many calls that fail together are one change and one probe', async () => {
  const { limits, changes, probes, setAway } = open();
  setAway(true);
  await Promise.all(Array.from({ length: 10 }, () => limits.take(THREE, 'k')));
  expect(changes).toEqual(['local']);
  expect(probes).toHaveLength(1);
});

test('the check alone finds out that the server is away', async () => {
  const { limits, changes, setAway } = open();
  setAway(true);
  expect(await limits.check()).toMatchObject({ ok: false });
  expect(changes).toEqual(['local']);
});

test('leases outlive the change both ways, and a release counts in both', async () => {
  const { limits, server, probe, setAway } = open();
  await limits.hold(TWO, 'k', 'before');
  setAway(true);
  expect(await limits.hold(TWO, 'k', 'before')).toMatchObject({ held: true, remaining: 1 });
  expect(await limits.hold(TWO, 'k', 'during')).toMatchObject({ held: true, remaining: 0 });
  expect(await limits.hold(TWO, 'k', 'third')).toMatchObject({ held: false });
  setAway(false);
  await probe();
  expect(await limits.hold(TWO, 'k', 'during')).toMatchObject({ held: true, remaining: 0 });
  expect(await server.hold(TWO, 'k', 'third')).toMatchObject({ held: false });
  expect(await limits.release(TWO, 'k', 'before')).toBe(true);
  setAway(true);
  expect(await limits.hold(TWO, 'k', 'fourth')).toMatchObject({ held: true });
});

test('a refusal of the server stands, and a wrong rule is no reason to change', async () => {
  const { limits, server, changes } = open();
  for (let turn = 0; turn < 3; turn += 1) await server.take(THREE, 'k');
  expect((await limits.take(THREE, 'k')).allowed).toBe(false);
  await limits.reset(THREE, 'k');
  expect((await limits.take(THREE, 'k')).allowed).toBe(true);
  await expect(limits.take({ ...THREE, limit: 0 }, 'k')).rejects.toMatchObject({ code: 'invalid_limit' });
  expect(changes).toEqual([]);
});

test('once closed it asks nobody', async () => {
  const { limits, cancelled, changes, probe, setAway } = open();
  setAway(true);
  await limits.take(THREE, 'k');
  await limits.close();
  expect(cancelled()).toBe(1);
  setAway(false);
  await probe();
  expect(changes).toEqual(['local']);
  await expect(limits.take(THREE, 'k')).rejects.toMatchObject({ code: 'limits_unavailable' });
});
