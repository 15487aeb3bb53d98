import { expect, test } from '@jest/globals';
import { insertInto, removeFrom, replaceIn, upsertInto } from '../definition.ts';
import type { DocumentStoreErrorCode } from '../errors.ts';
import { type StoreFactory, type SuiteOptions, withStore } from './harness.ts';
import { session, sessions } from './sessions.ts';

const code = (expected: DocumentStoreErrorCode, details: object = {}) =>
  expect.objectContaining({ code: expected, details: expect.objectContaining(details) });

export function singleWrites(factory: StoreFactory): void {
  test('a document comes back as it was written, bytes as Uint8Array', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      const note = {
        bytes: new Uint8Array([0, 1, 255]),
        empty: new Uint8Array(),
        nested: [[1, [2, new Uint8Array([3])]], [], {}],
        numbers: [0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, 1e300, 5e-324],
        text: 'é \u{1F600} \u0000 \u0001 "quoted" \\',
        nothing: null,
        yes: true,
        'a name with spaces, é and $': 1,
        dropped: undefined,
      };
      expect(await collection.insert(session('s1', { note }))).toBe(1);
      const { dropped: _, ...kept } = note;
      const found = await collection.get('s1');
      expect(found).toEqual({ key: 's1', version: 1, document: session('s1', { note: kept }) });
      const { bytes } = Object(found?.document.note);
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    }));

  test('what the caller changes afterwards does not reach the store', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      const mine = session('s1', { note: { list: [1] } });
      const writing = collection.insert(mine);
      mine.state = 'changed';
      await writing;
      const first = await collection.get('s1');
      (first as unknown as { document: { state: string } }).document.state = 'changed';
      expect((await collection.get('s1'))?.document.state).toBe('created');
    }));

  test('insert refuses a key that is there', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await collection.insert(session('s1'));
      await expect(collection.insert(session('s1', { state: 'other' }))).rejects.toEqual(
        code('duplicate_key', { index: 'key', collection: 'sessions' }),
      );
      expect((await collection.get('s1'))?.document.state).toBe('created');
    }));

  test('replace compares the version and adds one', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await expect(collection.replace(session('s1'), 1)).rejects.toEqual(code('version_conflict'));
      await collection.insert(session('s1'));
      expect(await collection.replace(session('s1', { state: 'recording' }), 1)).toBe(2);
      await expect(collection.replace(session('s1', { state: 'lost' }), 1)).rejects.toEqual(
        code('version_conflict'),
      );
      expect(await collection.get('s1')).toMatchObject({ version: 2, document: { state: 'recording' } });
    }));

  test('upsert inserts, then replaces whatever is there', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      expect(await collection.upsert(session('s1', { owner: 'ada' }))).toBe(1);
      expect(await collection.upsert(session('s1'))).toBe(2);
      expect((await collection.get('s1'))?.document).toEqual(session('s1'));
    }));

  test('remove says whether it was there, and compares the version where asked to', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      expect(await collection.remove('s1')).toBe(false);
      await expect(collection.remove('s1', 1)).rejects.toEqual(code('version_conflict'));
      await collection.insert(session('s1', { anchor: 'a' }));
      await expect(collection.remove('s1', 2)).rejects.toEqual(code('version_conflict'));
      expect(await collection.remove('s1', 1)).toBe(true);
      expect(await collection.get('s1')).toBeNull();
      expect(await collection.insert(session('s2', { anchor: 'a' }))).toBe(1);
    }));

  test('a unique index refuses a second document, frees what is no longer used, ignores those without the field', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await collection.insert(session('s1', { anchor: 'a' }));
      await collection.insert(session('s2'));
      await collection.insert(session('s3'));
      const taken = code('duplicate_key', { index: 'byAnchor' });
      await expect(collection.insert(session('s4', { anchor: 'a' }))).rejects.toEqual(taken);
      await expect(collection.replace(session('s2', { anchor: 'a' }), 1)).rejects.toEqual(taken);
      await expect(collection.upsert(session('s3', { anchor: 'a' }))).rejects.toEqual(taken);
      expect(await collection.get('s4')).toBeNull();
      expect((await collection.get('s2'))?.version).toBe(1);
      await collection.replace(session('s1', { anchor: 'b' }), 1);
      await collection.insert(session('s4', { anchor: 'a' }));
    }));

  test.each([
    ['a date', { note: new Date(0) }],
    ['not a number', { note: Number.NaN }],
    ['a function', { note: () => 1 }],
    ['a big integer', { note: 1n }],
    ['a name with a dot', { note: { 'a.b': 1 } }],
    ['a name that begins with a dollar', { note: { $set: 1 } }],
    ['half a surrogate pair', { note: '\ud800' }],
    ['an object in an index', { owner: {} as string, startedAtMs: 1 }],
    ['too long for an index', { anchor: 'x'.repeat(2000) }],
    ['no key', { id: '' }],
    ['a key that is too long', { id: 'é'.repeat(300) }],
  ])('refuses %s', (_what, bad) =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await expect(collection.upsert({ ...session('s1'), ...bad })).rejects.toEqual(code('invalid_document'));
      expect((await collection.find({ index: 'key', limit: 1 })).items).toEqual([]);
    }),
  );

  test('refuses a document above the limit, keeps one near it', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      const note = new Uint8Array(3 * 1024 * 1024);
      await collection.insert(session('near', { note }));
      expect((await collection.get('near'))?.document.note).toHaveLength(note.length);
      await expect(
        collection.insert(session('over', { note: new Uint8Array(4 * 1024 * 1024) })),
      ).rejects.toEqual(code('document_too_large'));
    }));
}

export function batches(factory: StoreFactory): void {
  test('a batch runs in order and answers the versions', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await collection.insert(session('s1'));
      const versions = await store.batch([
        insertInto(collection, session('s2', { anchor: 'a' })),
        replaceIn(collection, session('s1', { state: 'recording' }), 1),
        removeFrom(collection, 's2', 1),
        upsertInto(collection, session('s3', { anchor: 'a' })),
        removeFrom(collection, 'not there'),
      ]);
      expect(versions).toEqual([1, 2, 0, 1, 0]);
      const { items } = await collection.find({ index: 'key', limit: 10 });
      expect(items.map(({ key, version }) => [key, version])).toEqual([
        ['s1', 2],
        ['s3', 1],
      ]);
    }));

  test('a batch that fails names the operation; nothing after it took place, and before it as the store promises', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      await collection.insert(session('s1'));
      const failing = store.batch([
        insertInto(collection, session('s0')),
        replaceIn(collection, session('s1'), 7),
        insertInto(collection, session('s2')),
      ]);
      await expect(failing).rejects.toEqual(code('version_conflict', { operation: 1 }));
      expect(await collection.get('s2')).toBeNull();
      expect((await collection.get('s0')) === null).toBe(store.atomicBatch);
    }));

  test('a batch with a bad document does nothing at all', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      const failing = store.batch([
        insertInto(collection, session('s0')),
        insertInto(collection, session('s1', { note: Number.NaN })),
      ]);
      await expect(failing).rejects.toEqual(code('invalid_document', { operation: 1 }));
      expect(await collection.get('s0')).toBeNull();
      expect(await store.batch([])).toEqual([]);
    }));
}

export function races(factory: StoreFactory, { racers = 16 }: SuiteOptions): void {
  const won = (results: PromiseSettledResult<unknown>[]) =>
    results.filter((result) => result.status === 'fulfilled').length;
  const ids = Array.from({ length: racers }, (_, index) => `r${index}`);

  test('of many inserts of one key, and of one unique value, one wins', () =>
    withStore(factory, async ({ store }) => {
      const collection = await store.collection(sessions);
      const same = await Promise.allSettled(ids.map((owner) => collection.insert(session('s', { owner }))));
      expect(won(same)).toBe(1);
      const unique = await Promise.allSettled(
        ids.map((id) => collection.insert(session(id, { anchor: 'a' }))),
      );
      expect(won(unique)).toBe(1);
      for (const result of [...same, ...unique]) {
        if (result.status === 'rejected') expect(result.reason).toEqual(code('duplicate_key'));
      }
    }));

  test('counting by compare-and-set loses nothing, from two stores over the same data', () =>
    withStore(factory, async ({ store, openAgain }) => {
      const other = await openAgain();
      const collections = [await store.collection(sessions), await other.collection(sessions)];
      await collections[0]?.insert(session('s', { startedAtMs: 0 }));
      const countOne = async (turn: number): Promise<void> => {
        const collection = collections[turn % 2] as (typeof collections)[0];
        const found = await collection.get('s');
        if (!found) throw new Error('the document is gone');
        const next = { ...found.document, startedAtMs: (found.document.startedAtMs ?? 0) + 1 };
        const ok = await collection.replace(next, found.version).then(
          () => true,
          () => false,
        );
        if (!ok) await countOne(turn);
      };
      await Promise.all(ids.map((_, turn) => countOne(turn)));
      expect(await collections[0]?.get('s')).toMatchObject({
        version: racers + 1,
        document: { startedAtMs: racers },
      });
      await other.close();
    }));
}
