import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  codeOf,
  describeChunkStore,
  sampleRecord,
  sampleSessionId,
  sampleTrailer,
} from '@lucid/chunk-store/conformance';
import { MongoClient } from 'mongodb';
import { startMongoWire, whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { createGridFsChunkStore, type GridFsChunkStoreOptions } from '../src/chunks.ts';

const sessionId = sampleSessionId('gridfs');
const record = (index: number, seed = '') => sampleRecord({ sessionId, index, payloadSizeBytes: 3000, seed });

const why = whyNoMongoWire();
if (why !== null) {
  if (process.env.CI) throw new Error(why);
  console.warn(`skipped: ${why}`);
}
const onServer = why === null ? test : test.skip;

let server: Awaited<ReturnType<typeof startMongoWire>>;
let admin: MongoClient;
let databases = 0;

beforeAll(async () => {
  if (why !== null) return;
  server = await startMongoWire();
  admin = new MongoClient(server.url);
}, 400_000);

afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

function freshOptions(): GridFsChunkStoreOptions {
  databases += 1;
  return { url: server.url, database: `chunks${databases}` };
}

const collection = (options: GridFsChunkStoreOptions, name: string) =>
  admin.db(options.database).collection<{ _id: string }>(`evidence.${name}`);

if (why === null) {
  describeChunkStore('gridfs', async () => {
    const options = freshOptions();
    return {
      open: async () => createGridFsChunkStore(options),
      dispose: async () => {
        await admin.db(options.database).dropDatabase();
      },
    };
  });
}

onServer('pieces of an upload that never ended are no record and stand in nobody’s way', async () => {
  const options = freshOptions();
  const store = createGridFsChunkStore(options);
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  await store.append(sessionId, 1, record(1));
  await collection(options, 'files').deleteOne({ _id: `${sessionId}/000000000001` });
  await store.close();
  const again = createGridFsChunkStore(options);
  expect((await again.head(sessionId)).records).toBe(1);
  await again.append(sessionId, 1, record(1, 'sealed anew'));
  expect(Buffer.compare(await again.read(sessionId, 1), Buffer.concat(record(1, 'sealed anew')))).toBe(0);
  await collection(options, 'files').deleteOne({ _id: `${sessionId}/000000000001` });
  await again.remove(sessionId);
  expect(await collection(options, 'chunks').countDocuments()).toBe(0);
  expect(await collection(options, 'files').countDocuments()).toBe(0);
  await again.close();
});

onServer('a record damaged in the database is not given out', async () => {
  const options = freshOptions();
  const store = createGridFsChunkStore(options);
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  const changed = Buffer.concat(record(0));
  changed[2000]! ^= 1;
  const piece = { files_id: `${sessionId}/000000000000` };
  await collection(options, 'chunks').updateOne(piece as never, { $set: { data: changed } });
  expect(await codeOf(store.read(sessionId, 0))).toBe('store_damaged');
  await collection(options, 'chunks').deleteMany(piece as never);
  expect(await codeOf(store.read(sessionId, 0))).toBe('store_damaged');
  await store.close();
});

onServer('of two generations of a trailer the newer counts', async () => {
  const options = freshOptions();
  const store = createGridFsChunkStore(options);
  await store.create(sessionId);
  const [older, newer] = [sampleTrailer(64, 10, 'older'), sampleTrailer(64, 20, 'newer')];
  await store.finish(sessionId, older);
  const files = collection(options, 'files');
  const kept = await files.findOne({ _id: `${sessionId}/trailer/000000000001` });
  await store.finish(sessionId, newer);
  // As if the writer had died before it removed the older one.
  await files.insertOne(kept!);
  expect(Buffer.compare((await store.trailer(sessionId))!, newer)).toBe(0);
  expect((await store.head(sessionId)).records).toBe(0);
  await store.finish(sessionId, older);
  expect(Buffer.compare((await store.trailer(sessionId))!, older)).toBe(0);
  expect((await files.find().toArray()).length).toBe(2);
  await store.close();
});

test('says when there is no server', async () => {
  const store = createGridFsChunkStore({ url: 'mongodb://127.0.0.1:1', serverSelectionTimeoutMs: 200 });
  expect(await codeOf(store.check())).toBe('store_unavailable');
  expect(await codeOf(store.head(sessionId))).toBe('store_unavailable');
  await store.close();
});
