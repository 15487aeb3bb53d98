import { expect, test } from '@jest/globals';
import { type StoreFactory, type SuiteOptions, withStore } from './harness.ts';
import { session, sessions } from './sessions.ts';

export function leasesAndExpiry(factory: StoreFactory, { racers = 16 }: SuiteOptions): void {
  test('one holder at a time; the token rises with every acquisition, also after a release', () =>
    withStore(factory, async ({ store }, clock) => {
      const first = await store.acquireLease('sweeper', 'one', 1000);
      expect(first).toEqual({ name: 'sweeper', holder: 'one', token: 1, expiresAtMs: clock.nowMs + 1000 });
      expect(await store.acquireLease('sweeper', 'two', 1000)).toBeNull();
      expect(await store.acquireLease('sweeper', 'one', 1000)).toBeNull();
      expect((await store.acquireLease('other', 'two', 1000))?.token).toBe(1);
      expect(first && (await store.releaseLease(first))).toBe(true);
      expect(first && (await store.releaseLease(first))).toBe(false);
      expect((await store.acquireLease('sweeper', 'two', 1000))?.token).toBe(2);
    }));

  test('a lease that ran out goes to the next; the first holder can neither renew nor release it', () =>
    withStore(factory, async ({ store }, clock) => {
      const first = await store.acquireLease('sweeper', 'one', 1000);
      if (!first) throw new Error('not acquired');
      clock.nowMs += 999;
      expect(await store.acquireLease('sweeper', 'two', 1000)).toBeNull();
      const renewed = await store.renewLease(first, 1000);
      expect(renewed).toEqual({ ...first, expiresAtMs: clock.nowMs + 1000 });
      clock.nowMs += 1000;
      const second = await store.acquireLease('sweeper', 'two', 1000);
      expect(second?.token).toBe(2);
      expect(await store.renewLease(first, 1000)).toBeNull();
      expect(await store.releaseLease(first)).toBe(false);
      expect(await store.acquireLease('sweeper', 'three', 1000)).toBeNull();
    }));

  test('of many who ask at once, in two stores over the same data, one gets it', () =>
    withStore(factory, async ({ store, openAgain }) => {
      const other = await openAgain();
      const asked = Array.from({ length: racers }, (_, index) =>
        (index % 2 ? store : other).acquireLease('sweeper', `holder ${index}`, 1000),
      );
      expect((await Promise.all(asked)).filter((lease) => lease !== null)).toHaveLength(1);
      await other.close();
    }));

  test('the sweep removes what has expired and nothing else', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      for (const [id, doneAtMs] of [
        ['before', 999],
        ['at', 1000],
        ['after', 1001],
        ['never', undefined],
      ] as const)
        await collection.insert(session(id, { doneAtMs, anchor: id }));
      expect(await store.sweepExpired(1000)).toBe(2);
      expect(await store.sweepExpired(1000)).toBe(0);
      const { items } = await collection.find({ index: 'byAnchor', limit: 10 });
      expect(items.map((item) => item.key)).toEqual(['after', 'never']);
    }));
}

export function lifeCycle(factory: StoreFactory): void {
  test('what was written is there for a store opened later', () =>
    withStore(factory, async ({ store, openAgain }) => {
      await (await store.collection(sessions)).insert(session('s1', { anchor: 'a' }));
      const other = await openAgain();
      const collection = await other.collection(sessions);
      expect((await collection.get('s1'))?.version).toBe(1);
      expect(await collection.count({ index: 'byAnchor' })).toBe(1);
      await other.close();
    }));

  test('check answers with a latency', () =>
    withStore(factory, async ({ store }) => {
      expect(await store.check()).toEqual({ ok: true, latencyMs: expect.any(Number) });
    }));

  test('a closed store refuses, and says so in check', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await store.close();
      await store.close();
      await expect(collection.insert(session('s1'))).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(collection.get('s1')).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(collection.find({ index: 'key', limit: 1 })).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      expect(await store.check()).toMatchObject({ ok: false, why: expect.any(String) });
    }));

  test('one name has one definition', () =>
    withStore(factory, async ({ store }) => {
      await store.collection(sessions);
      expect(await store.collection({ ...sessions })).toBeDefined();
      await expect(store.collection({ ...sessions, indexes: [] })).rejects.toBeInstanceOf(TypeError);
    }));
}
