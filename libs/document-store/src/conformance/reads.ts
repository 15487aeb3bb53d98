import { expect, test } from '@jest/globals';
import { defineCollection } from '../definition.ts';
import type { Collection, FindOptions, RangeOptions } from '../document-store.ts';
import { scan } from '../scan.ts';
import { type Session, type StoreFactory, withStore } from './harness.ts';
import { session, sessions } from './sessions.ts';

const keysOf = async (collection: Collection<Session>, options: Omit<FindOptions, 'limit'>) =>
  (await collection.find({ limit: 100, ...options })).items.map((item) => item.key);

const filled = async (collection: Collection<Session>): Promise<void> => {
  const all = [
    session('a', { owner: 'ada', startedAtMs: 10 }),
    session('b', { owner: 'ada', startedAtMs: -5 }),
    session('c', { owner: 'ada', startedAtMs: 2.5 }),
    session('d', { owner: 'ada', startedAtMs: 10 }),
    session('e', { owner: 'adam', startedAtMs: 1 }),
    session('f', { owner: 'Zoë', startedAtMs: 1 }),
    session('g', { owner: '\u{1F600}', startedAtMs: 1 }),
    session('h', { owner: '\uffee', startedAtMs: 1 }),
    session('i', { owner: null, startedAtMs: 1 }),
    session('j', { startedAtMs: 1 }),
  ];
  for (const each of all) await collection.insert(each);
};

export function ranges(factory: StoreFactory): void {
  test.each<[string, RangeOptions, string]>([
    ['all, by code point', { index: 'byOwner' }, 'fbcadehg'],
    ['the first field', { index: 'byOwner', equals: ['ada'] }, 'bcad'],
    ['both fields', { index: 'byOwner', equals: ['ada', 10] }, 'ad'],
    ['a range of numbers', { index: 'byOwner', equals: ['ada'], from: -5, to: 10 }, 'bc'],
    ['a lower bound', { index: 'byOwner', equals: ['ada'], from: 2.6 }, 'ad'],
    ['a range of text', { index: 'byOwner', from: 'ada', to: 'adam' }, 'bcad'],
    ['a prefix', { index: 'byOwner', prefix: 'ada' }, 'bcade'],
    ['a prefix of the key', { index: 'key', prefix: 'c' }, 'c'],
    ['a range of keys', { index: 'key', from: 'c', to: 'f' }, 'cde'],
    ['one key', { index: 'key', equals: ['c'] }, 'c'],
    ['all keys', { index: 'key' }, 'abcdefghij'],
    ['nothing', { index: 'byOwner', equals: ['ad'] }, ''],
    ['an empty range', { index: 'byOwner', from: 'z', to: 'a' }, ''],
  ])('find and count: %s', (_what, range, expected) =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await filled(collection);
      expect((await keysOf(collection, range)).join('')).toBe(expected);
      const reversed = [...expected].reverse().join('');
      expect((await keysOf(collection, { ...range, reverse: true })).join('')).toBe(reversed);
      expect(await collection.count(range)).toBe(expected.length);
    }),
  );

  test('pages follow each other without gap or repetition, whatever is written between them', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await filled(collection);
      for (const [reverse, expected] of [
        [false, 'fbc|adh'],
        [true, 'ghd|acb'],
      ] as const) {
        const first = await collection.find({ index: 'byOwner', limit: 3, reverse });
        await collection.remove('e');
        await collection.upsert(session('f', { owner: 'Zoë', startedAtMs: 1 }));
        const second = await collection.find({
          index: 'byOwner',
          limit: 3,
          reverse,
          after: first.next ?? '',
        });
        const keys = [first, second].map((page) => page.items.map((item) => item.key).join(''));
        expect(keys.join('|')).toBe(expected);
      }
      const whole: string[] = [];
      for await (const item of scan(collection, { index: 'byOwner', reverse: true })) whole.push(item.key);
      expect(whole.join('')).toBe('ghdacbf');
      const last = await collection.find({ index: 'byOwner', limit: 7 });
      expect(last.next).toBeNull();
    }));

  test('getMany keeps the order asked for', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await filled(collection);
      const found = await collection.getMany(['c', 'nobody', 'a', 'c']);
      expect(found.map((item) => item?.key ?? null)).toEqual(['c', null, 'a', 'c']);
      expect(await collection.getMany([])).toEqual([]);
    }));

  test.each<[string, FindOptions]>([
    ['an unknown index', { index: 'byColour', limit: 1 }],
    ['no limit', { index: 'key', limit: 0 }],
    ['too high a limit', { index: 'key', limit: 1001 }],
    ['too many values', { index: 'byState', equals: ['a', 'b'], limit: 1 }],
    ['a prefix and a bound', { index: 'byState', prefix: 'a', to: 'b', limit: 1 }],
    ['a cursor of another query', { index: 'byState', equals: ['a'], after: 'c3o', limit: 1 }],
    ['no cursor at all', { index: 'byState', after: '%', limit: 1 }],
    ['a bound that is no value', { index: 'byState', from: Number.NaN, limit: 1 }],
  ])('refuses %s', (_what, options) =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await expect(collection.find(options)).rejects.toMatchObject({ code: 'invalid_query' });
    }),
  );

  test('new indexes are built over what is there', () =>
    withStore(factory, async ({ store, openAgain }) => {
      await filled(await store.collection(sessions));
      const other = await openAgain();
      const changed = await other.collection(
        defineCollection<Session>({
          ...sessions,
          indexes: [{ name: 'byStart', fields: ['startedAtMs'] }],
        }),
      );
      expect((await keysOf(changed, { index: 'byStart', to: 3 })).join('')).toBe('befghijc');
      await changed.insert(session('z', { startedAtMs: 0 }));
      expect((await keysOf(changed, { index: 'byStart', to: 1 })).join('')).toBe('bz');
      await other.close();
    }));
}
