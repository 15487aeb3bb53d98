import { defineCollection } from '@lucid/document-store';
import { describeDocumentStore } from '@lucid/document-store/conformance';
import { startMongoWire, type TestServer, whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { openMongoStore } from '../src/documents.ts';

const why = whyNoMongoWire();

if (why && process.env.CI) throw new Error(`a MongoDB wire server is needed here: ${why}`);
if (why) {
  test.skip(`MongoDB document store (skipped: ${why})`, () => undefined);
} else {
  let server: TestServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startMongoWire();
  }, 300_000);
  afterAll(() => server.stop());

  const open = (database: string) => openMongoStore({ url: server.url, database, nowMs: Date.now });

  describeDocumentStore(
    'MongoDB',
    {
      async open({ nowMs }) {
        databases += 1;
        const options = { url: server.url, database: `conformance${databases}`, nowMs };
        const store = await openMongoStore(options);
        return { store, openAgain: () => openMongoStore(options), dispose: () => store.close() };
      },
    },
    { propertyRuns: 15, programLength: 20, racers: 8 },
  );

  test('a server that is gone is store_unavailable, at once in check too', async () => {
    const other = await startMongoWire();
    const store = await openMongoStore({
      url: other.url,
      database: 'd',
      nowMs: Date.now,
      serverTimeoutMs: 200,
    });
    const things = defineCollection<{ id: string }>({ name: 'things', key: ({ id }) => id, indexes: [] });
    const collection = await store.collection(things);
    await collection.insert({ id: 'a' });
    await other.stop();
    await expect(collection.get('a')).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(collection.insert({ id: 'b' })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.check()).toMatchObject({ ok: false, why: expect.stringMatching(/MongoDB/) });
    await store.close();
  });

  test('racing upserts of one document all take place, one after another', async () => {
    const store = await open('upserts');
    const things = defineCollection<{ id: string; by: number }>({
      name: 'things',
      key: ({ id }) => id,
      indexes: [],
    });
    const collection = await store.collection(things);
    const versions = await Promise.all([1, 2, 3, 4, 5].map((by) => collection.upsert({ id: 'a', by })));
    expect([...versions].sort()).toEqual([1, 2, 3, 4, 5]);
    await store.close();
  });
}
