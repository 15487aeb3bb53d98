import { expect, test } from '@jest/globals';
import { type EventsFactory, withEvents } from './harness.ts';

const LONG_MS = 60_000;

export function cacheSuite(factory: EventsFactory): void {
  test('set, get and delete', () =>
    withEvents(factory, async ({ events: { cache } }) => {
      expect(await cache.get('k')).toBeNull();
      await cache.set('k', 'one \u0000 é', LONG_MS);
      expect(await cache.get('k')).toBe('one \u0000 é');
      await cache.set('k', '', LONG_MS);
      expect(await cache.get('k')).toBe('');
      expect(await cache.delete('k')).toBe(true);
      expect(await cache.delete('k')).toBe(false);
      expect(await cache.get('k')).toBeNull();
    }));

  test('entries end with their lifetime', () =>
    withEvents(factory, async ({ events: { cache }, elapse }) => {
      await cache.set('short', 'v', 20);
      await cache.set('long', 'v', LONG_MS);
      await elapse(30);
      expect(await cache.get('short')).toBeNull();
      expect(await cache.get('long')).toBe('v');
      expect(await cache.setIfAbsent('short', 'w', LONG_MS)).toBe(true);
    }));

  test('of many who set an absent key, one wins', () =>
    withEvents(factory, async ({ events, openAgain }) => {
      const other = await openAgain();
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? events : other).cache.setIfAbsent('k', String(index), LONG_MS),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await events.cache.get('k')).toBe(String(answers.indexOf(true)));
      await other.close();
    }));

  test('increments count everybody, in a window that begins with the first', () =>
    withEvents(factory, async ({ events, openAgain, elapse }) => {
      const other = await openAgain();
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? events : other).cache.increment('limit', LONG_MS),
      );
      const counts = (await Promise.all(asked)).map(({ count }) => count);
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      const { remainingMs } = await events.cache.increment('limit', 1);
      expect(remainingMs).toBeGreaterThan(1);
      expect(remainingMs).toBeLessThanOrEqual(LONG_MS);
      expect(await events.cache.increment('short', 20)).toMatchObject({ count: 1 });
      await elapse(30);
      expect(await events.cache.increment('short', LONG_MS)).toMatchObject({ count: 1 });
      await other.close();
    }));

  test.each<[string, string, number]>([
    ['an empty key', '', LONG_MS],
    ['a key that is too long', 'é'.repeat(300), LONG_MS],
    ['no lifetime', 'k', 0],
    ['half a millisecond', 'k', 0.5],
  ])('refuses %s', (_what, key, ttlMs) =>
    withEvents(factory, async ({ events: { cache } }) => {
      const invalid = { code: 'invalid_event' };
      await expect(cache.set(key, 'v', ttlMs)).rejects.toMatchObject(invalid);
      await expect(cache.setIfAbsent(key, 'v', ttlMs)).rejects.toMatchObject(invalid);
      await expect(cache.increment(key, ttlMs)).rejects.toMatchObject(invalid);
    }),
  );
}
