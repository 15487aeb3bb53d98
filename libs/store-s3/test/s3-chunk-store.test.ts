import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ChunkStore } from '@lucid/chunk-store';
import { codeOf, describeChunkStore, sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { startS3, whyNoS3 } from '../../../tools/test-servers-s3.mjs';
import { createS3ChunkStore, type S3ChunkStoreOptions } from '../src/index.ts';

const sessionId = sampleSessionId('s3');
const record = (index: number, seed = '') => sampleRecord({ sessionId, index, payloadSizeBytes: 3000, seed });

const why = whyNoS3();
if (why !== null) {
  if (process.env.CI) throw new Error(why);
  console.warn(`skipped: ${why}`);
}

let server: Awaited<ReturnType<typeof startS3>>;
let admin: S3Client;
let buckets = 0;

beforeAll(async () => {
  if (why !== null) return;
  server = await startS3();
  const credentials = { accessKeyId: server.accessKey, secretAccessKey: server.secretKey };
  admin = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    forcePathStyle: true,
    credentials,
  });
}, 400_000);

afterAll(async () => {
  admin?.destroy();
  await server?.stop();
});

async function newBucket(): Promise<S3ChunkStoreOptions> {
  buckets += 1;
  const bucket = `lucid-${buckets}`;
  await admin.send(new CreateBucketCommand({ Bucket: bucket }));
  const { endpoint, accessKey, secretKey, region } = server;
  return {
    bucket,
    endpoint,
    accessKey,
    secretKey,
    region,
    prefix: 'sessions/',
    listPageSize: 7,
    maxAttempts: 2,
  };
}

const objectPath = (bucket: string, name: string) => join(server.folder, bucket, 'sessions', sessionId, name);

/** Passes requests on, but knows no conditions: what asks for one is answered 501, as older servers do. */
async function startOldServer(): Promise<{ endpoint: string; server: Server }> {
  const { hostname, port } = new URL(server.endpoint);
  const old = createServer((incoming, outgoing) => {
    if (incoming.headers['if-none-match'] !== undefined) {
      incoming.resume().once('end', () => {
        outgoing.writeHead(501).end('<Error><Code>NotImplemented</Code></Error>');
      });
      return;
    }
    const { url, method, headers } = incoming;
    const passed = request({ hostname, port, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(old.address() as AddressInfo).port}`, server: old };
}

if (why === null) {
  describeChunkStore('s3', async () => {
    const options = await newBucket();
    return { open: async () => createS3ChunkStore(options), dispose: async () => undefined };
  });

  describeChunkStore('s3 without conditional writes', async () => {
    const options = await newBucket();
    const old = await startOldServer();
    return {
      open: async () => createS3ChunkStore({ ...options, endpoint: old.endpoint }),
      dispose: async () => {
        old.server.closeAllConnections();
        await new Promise((resolve) => old.server.close(resolve));
      },
    };
  });
}

const onServer = why === null ? test : test.skip;

onServer('a record damaged on the server is not given out', async () => {
  const options = await newBucket();
  const store = createS3ChunkStore(options);
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  const path = objectPath(options.bucket, '000000000000');
  const bytes = await readFile(path);
  bytes[2000]! ^= 1;
  await writeFile(path, bytes);
  expect(await codeOf(store.read(sessionId, 0))).toBe('store_damaged');
  await store.close();
});

onServer('another writer’s record is not overwritten', async () => {
  const options = await newBucket();
  const [one, two] = [createS3ChunkStore(options), createS3ChunkStore(options)];
  await one.create(sessionId);
  await one.append(sessionId, 0, record(0));
  await two.append(sessionId, 0, record(0));
  await one.append(sessionId, 1, record(1));
  expect(await codeOf(two.append(sessionId, 1, record(1, 'other')))).toBe('record_conflict');
  expect(await codeOf(two.append(sessionId, 2, record(2)))).toBe('store_unavailable');
  expect((await two.head(sessionId)).records).toBe(2);
  await two.append(sessionId, 2, record(2));
  expect(Buffer.compare(await one.read(sessionId, 1), Buffer.concat(record(1)))).toBe(0);
  await Promise.all([one.close(), two.close()]);
});

onServer('records that never became contiguous are dropped', async () => {
  const options = await newBucket();
  const store = createS3ChunkStore(options);
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  await store.close();
  const Key = `sessions/${sessionId}/000000000002`;
  await admin.send(new PutObjectCommand({ Bucket: options.bucket, Key, Body: Buffer.concat(record(2)) }));
  const again = createS3ChunkStore(options);
  expect(await again.head(sessionId)).toEqual({ records: 1, storedBytes: 3128, droppedBytes: 3128 });
  await again.append(sessionId, 1, record(1));
  await again.append(sessionId, 2, record(2, 'sealed anew'));
  expect((await again.head(sessionId)).records).toBe(3);
  await again.close();
});

onServer('says why the store cannot be used', async () => {
  const options = await newBucket();
  const open = async (change: Partial<S3ChunkStoreOptions>, use: (store: ChunkStore) => Promise<unknown>) => {
    const store = createS3ChunkStore({ ...options, maxAttempts: 1, ...change });
    const code = await codeOf(use(store));
    await store.close();
    return code;
  };
  expect(await open({ bucket: 'absent' }, (store) => store.check())).toBe('store_unavailable');
  expect(await open({ endpoint: 'http://127.0.0.1:1' }, (store) => store.check())).toBe('store_unavailable');
  expect(await open({ endpoint: 'http://127.0.0.1:1' }, (store) => store.head(sessionId))).toBe(
    'store_unavailable',
  );
  const badKey = { secretKey: 'wrong' };
  expect(await open(badKey, (store) => store.read(sessionId, 0))).toBe('store_unavailable');
});
