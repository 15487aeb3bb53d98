import { expect, test } from '@jest/globals';
import type { RateLimits, RateRule } from '../rate-limits.ts';
import { PROFILE_LIMITS, RATE_RULES } from '../rules.ts';
import { type RateLimitsFactory, withLimits } from './harness.ts';

const THREE: RateRule = { name: 'three', limit: 3, windowMs: 1000 };

async function passing(limits: readonly RateLimits[], rule: RateRule, requests: number): Promise<number> {
  const asked = Array.from({ length: requests }, (_, index) =>
    limits[index % limits.length]!.take(rule, 'k'),
  );
  return (await Promise.all(asked)).filter(({ allowed }) => allowed).length;
}

export function rateSuite(factory: RateLimitsFactory): void {
  test('says what is left, when it comes back and when to try again', () =>
    withLimits(factory, async ({ limits, elapse }) => {
      const base = { rule: 'three', limit: 3, windowMs: 1000, blocked: false };
      const passed = { ...base, allowed: true, retryAfterMs: 0 };
      expect(await limits.take(THREE, 'k')).toEqual({ ...passed, remaining: 2, resetMs: 1000 });
      await elapse(400);
      expect(await limits.take(THREE, 'k')).toEqual({ ...passed, remaining: 1, resetMs: 1000 });
      expect(await limits.take(THREE, 'k')).toEqual({ ...passed, remaining: 0, resetMs: 1000 });
      await elapse(100);
      const refused = { ...base, allowed: false, remaining: 0, resetMs: 900, retryAfterMs: 500 };
      expect(await limits.take(THREE, 'k')).toEqual(refused);
      await elapse(499);
      expect((await limits.take(THREE, 'k')).allowed).toBe(false);
      await elapse(1);
      expect(await limits.take(THREE, 'k')).toEqual({ ...passed, remaining: 0, resetMs: 1000 });
      expect(await limits.take(THREE, 'k')).toMatchObject({ allowed: false, retryAfterMs: 400 });
    }));

  test.each(Object.values(PROFILE_LIMITS).map(({ requests }) => requests))(
    'two gateways: exactly $limit of $name pass in a minute, and again in the next',
    (rule) =>
      withLimits(factory, async ({ limits, openAgain, elapse }) => {
        const other = await openAgain();
        expect(await passing([limits, other], rule, rule.limit - 100)).toBe(rule.limit - 100);
        await elapse(59_000);
        expect(await passing([limits, other], rule, 300)).toBe(100);
        await elapse(999);
        expect(await passing([limits, other], rule, 10)).toBe(0);
        await elapse(1);
        expect(await passing([other, limits], rule, rule.limit)).toBe(rule.limit - 100);
        await other.close();
      }),
  );

  test('keys and rules do not share a count', () =>
    withLimits(factory, async ({ limits }) => {
      const one: RateRule = { name: 'one', limit: 1, windowMs: 1000 };
      const keys = ['a', 'b', 'a:log', 'a}', '{a', '{}', 'é', 'e\u0301', '\u0000', ' a', 'two:a'];
      for (const key of keys) expect(await limits.take(one, key)).toMatchObject({ allowed: true });
      for (const key of keys) expect(await limits.take(one, key)).toMatchObject({ allowed: false });
      expect(await limits.take({ ...one, name: 'one_two' }, 'a')).toMatchObject({ allowed: true });
    }));

  test('a login too many blocks for 300 seconds, and tries meanwhile do not make it longer', () =>
    withLimits(factory, async ({ limits, elapse }) => {
      const rule = RATE_RULES.login;
      expect(await passing([limits], rule, 10)).toBe(10);
      const blocked = { allowed: false, blocked: true, remaining: 0 };
      expect(await limits.take(rule, 'k')).toMatchObject({
        ...blocked,
        retryAfterMs: 300_000,
        resetMs: 300_000,
      });
      await elapse(200_000);
      expect(await limits.take(rule, 'k')).toMatchObject({ ...blocked, retryAfterMs: 100_000 });
      await elapse(99_999);
      expect(await limits.take(rule, 'k')).toMatchObject({ ...blocked, retryAfterMs: 1 });
      await elapse(1);
      expect(await passing([limits], rule, 20)).toBe(10);
    }));

  test('the fifth failure locks for 15 minutes, also when all come at once; a success forgets', () =>
    withLimits(factory, async ({ limits, openAgain, elapse }) => {
      const rule = RATE_RULES.lockout;
      const other = await openAgain();
      expect(await passing([limits, other], rule, 4)).toBe(4);
      await other.reset(rule, 'k');
      await elapse(1000);
      expect(await passing([limits, other], rule, 100)).toBe(5);
      const locked = { allowed: false, blocked: true, retryAfterMs: 900_000 };
      expect(await other.take(rule, 'k')).toMatchObject(locked);
      await elapse(899_999);
      expect(await limits.take(rule, 'k')).toMatchObject({ ...locked, retryAfterMs: 1 });
      await limits.reset(rule, 'k');
      expect(await other.take(rule, 'k')).toMatchObject({ allowed: true, remaining: 4 });
      await other.close();
    }));

  test('a clock that is set back gives nobody more and locks nobody out', () =>
    withLimits(factory, async ({ limits, elapse, setBack }) => {
      expect((await limits.take(THREE, 'k')).allowed).toBe(true);
      await elapse(600);
      expect(await passing([limits], THREE, 5)).toBe(2);
      await setBack(3_600_000);
      expect(await limits.take(THREE, 'k')).toMatchObject({
        allowed: false,
        retryAfterMs: 400,
        resetMs: 1000,
      });
      await elapse(400);
      expect(await passing([limits], THREE, 5)).toBe(1);
      await elapse(600);
      expect(await passing([limits], THREE, 5)).toBe(2);
    }));

  test('times are not cut to milliseconds: that would let a window hold one more', () =>
    withLimits(factory, async ({ limits, elapse }) => {
      const one: RateRule = { name: 'one', limit: 1, windowMs: 1000 };
      await elapse(0.998);
      expect((await limits.take(one, 'k')).allowed).toBe(true);
      await elapse(999.002);
      expect(await limits.take(one, 'k')).toMatchObject({ allowed: false, retryAfterMs: 1 });
      await elapse(1);
      expect((await limits.take(one, 'k')).allowed).toBe(true);
    }));

  test('a rule may be changed while it counts', () =>
    withLimits(factory, async ({ limits }) => {
      expect(await passing([limits], { ...THREE, limit: 20 }, 20)).toBe(20);
      expect(await limits.take(THREE, 'k')).toMatchObject({
        allowed: false,
        remaining: 0,
        retryAfterMs: 1000,
      });
      expect(await passing([limits], { ...THREE, limit: 30 }, 20)).toBe(10);
    }));

  test.each<[string, Partial<RateRule>, string]>([
    ['an empty key', {}, ''],
    ['a key that is too long', {}, 'é'.repeat(300)],
    ['a key with a lone surrogate', {}, '\ud800'],
    ['a name with a colon', { name: 'a:b' }, 'k'],
    ['no limit', { limit: 0 }, 'k'],
    ['half a request', { limit: 1.5 }, 'k'],
    ['no window', { windowMs: 0 }, 'k'],
    ['an endless block', { block: { durationMs: Number.POSITIVE_INFINITY, from: 'refusal' } }, 'k'],
  ])('refuses %s', (_what, part, key) =>
    withLimits(factory, async ({ limits }) => {
      const invalid = { code: 'invalid_limit' };
      await expect(limits.take({ ...THREE, ...part }, key)).rejects.toMatchObject(invalid);
      await expect(limits.reset({ ...THREE, ...part }, key)).rejects.toMatchObject(invalid);
    }),
  );

  test('answers nothing once it is closed', () =>
    withLimits(factory, async ({ openAgain, limits }) => {
      expect(await limits.check()).toMatchObject({ ok: true });
      await (await openAgain()).close();
      await limits.close();
      await expect(limits.take(THREE, 'k')).rejects.toMatchObject({ code: 'limits_unavailable' });
      expect(await limits.check()).toMatchObject({ ok: false });
    }));
}
