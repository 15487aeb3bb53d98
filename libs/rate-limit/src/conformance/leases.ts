import { expect, test } from '@jest/globals';
import type { LeaseRule } from '../rate-limits.ts';
import { LEASE_RULES } from '../rules.ts';
import { type RateLimitsFactory, withLimits } from './harness.ts';

const TWO: LeaseRule = { name: 'two', limit: 2, leaseMs: 1000 };

export function leaseSuite(factory: RateLimitsFactory): void {
  test('a place for each until all are taken; giving back is idempotent', () =>
    withLimits(factory, async ({ limits }) => {
      const answer = { rule: 'two', limit: 2, held: true, expiresInMs: 1000, retryAfterMs: 0 };
      expect(await limits.hold(TWO, 'k', 'a')).toEqual({ ...answer, remaining: 1 });
      expect(await limits.hold(TWO, 'k', 'a')).toEqual({ ...answer, remaining: 1 });
      expect(await limits.hold(TWO, 'k', 'b')).toEqual({ ...answer, remaining: 0 });
      const full = { ...answer, held: false, remaining: 0, expiresInMs: 0, retryAfterMs: 1000 };
      expect(await limits.hold(TWO, 'k', 'c')).toEqual(full);
      expect(await limits.hold(TWO, 'other', 'c')).toMatchObject({ held: true });
      expect(await limits.release(TWO, 'k', 'c')).toBe(false);
      expect(await limits.release(TWO, 'k', 'a')).toBe(true);
      expect(await limits.release(TWO, 'k', 'a')).toBe(false);
      expect(await limits.release(TWO, 'nobody', 'a')).toBe(false);
      expect(await limits.hold(TWO, 'k', 'c')).toMatchObject({ held: true, remaining: 0 });
    }));

  test.each(Object.values(LEASE_RULES))('two gateways: exactly $limit of $name', (rule) =>
    withLimits(factory, async ({ limits, openAgain }) => {
      const other = await openAgain();
      const asked = Array.from({ length: rule.limit + 30 }, (_, index) =>
        (index % 2 ? limits : other).hold(rule, 'k', `lease-${index}`),
      );
      expect((await Promise.all(asked)).filter(({ held }) => held)).toHaveLength(rule.limit);
      await other.close();
    }),
  );

  test('a gateway that dies gives its places back; what is renewed stays; a lost lease comes back if there is room', () =>
    withLimits(factory, async ({ limits, openAgain, elapse }) => {
      const other = await openAgain();
      await limits.hold(TWO, 'k', 'dies');
      await elapse(600);
      await other.hold(TWO, 'k', 'lives');
      await elapse(399);
      expect(await other.hold(TWO, 'k', 'lives')).toMatchObject({ held: true, remaining: 0 });
      expect(await other.hold(TWO, 'k', 'next')).toMatchObject({ held: false, retryAfterMs: 1 });
      await elapse(1);
      expect(await limits.release(TWO, 'k', 'dies')).toBe(false);
      expect(await other.hold(TWO, 'k', 'next')).toMatchObject({ held: true });
      expect(await limits.hold(TWO, 'k', 'dies')).toMatchObject({ held: false, retryAfterMs: 999 });
      await other.release(TWO, 'k', 'lives');
      expect(await limits.hold(TWO, 'k', 'dies')).toMatchObject({ held: true });
      await other.close();
    }));

  test('a clock that is set back makes no lease longer than its time', () =>
    withLimits(factory, async ({ limits, elapse, setBack }) => {
      await limits.hold(TWO, 'k', 'a');
      await limits.hold(TWO, 'k', 'b');
      await setBack(3_600_000);
      expect(await limits.hold(TWO, 'k', 'c')).toMatchObject({ held: false, retryAfterMs: 1000 });
      await elapse(1000);
      expect(await limits.hold(TWO, 'k', 'c')).toMatchObject({ held: true, remaining: 1 });
    }));

  test.each<[string, Partial<LeaseRule>, string]>([
    ['an empty lease id', {}, ''],
    ['a lease id with a space', {}, 'a b'],
    ['a lease id that is too long', {}, 'a'.repeat(65)],
    ['no limit', { limit: 0 }, 'a'],
    ['a lease of half a millisecond', { leaseMs: 0.5 }, 'a'],
  ])('refuses %s', (_what, part, leaseId) =>
    withLimits(factory, async ({ limits }) => {
      const invalid = { code: 'invalid_limit' };
      await expect(limits.hold({ ...TWO, ...part }, 'k', leaseId)).rejects.toMatchObject(invalid);
      await expect(limits.release({ ...TWO, ...part }, 'k', leaseId)).rejects.toMatchObject(invalid);
    }),
  );
}
