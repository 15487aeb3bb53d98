import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { lucidHostContract } from '@lucid/contracts';
import { startTestStack } from '@lucid/service-kit/testing';
import { type FilesChunkStore, openFilesChunkStore } from '@lucid/store-files';
import { BulkDesk } from './bulk-desk.ts';
import { lucidHost } from './host-service.ts';

const key = new Uint8Array(32);
let folder: string;
let chunks: FilesChunkStore;
/** What the encryptor has of every track. */
let offset: number;
let stack: Awaited<ReturnType<typeof startTestStack>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-host-service-'));
  chunks = await openFilesChunkStore({ folder: join(folder, 'sessions') });
  offset = 0;
  const encryptor = { borrowKey: () => key, nextOffset: () => offset, adopt: async () => {} };
  const desk = new BulkDesk({ encryptor, chunks, codec: 'wasm' });
  stack = await startTestStack({
    transport: 'local',
    definitions: [lucidHost],
    environment: {},
    adapters: { 'lucid-host': { desk } },
  });
});
afterEach(async () => {
  await stack.close();
  await chunks.close();
  rmSync(folder, { recursive: true });
});

const client = () => stack.clientOf(lucidHostContract, { retry: { attempts: 1 } });

async function openSession(name: string): Promise<string> {
  const sessionId = sampleSessionId(name);
  await chunks.create(sessionId);
  await chunks.append(sessionId, 0, sampleRecord({ sessionId, index: 0, payloadSizeBytes: 100 }));
  return sessionId;
}

const bodyOf = (name = 'source', track = 0) => {
  const path = join(folder, name);
  writeFileSync(path, 'what is to be sealed');
  return { path, track, chunkSizeBytes: 65_536 };
};

/** Beside the sources there is no built worker, so every sealing of this test fails. */
async function failed(sessionId: string) {
  for (;;) {
    const seal = await client().getSeal({ params: { sessionId } });
    if (seal.state === 'failed') return seal;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a sealing that failed says why, and can be asked for again', async () => {
  const sessionId = await openSession('again');
  const request = { params: { sessionId }, body: bodyOf() };
  for (let turn = 0; turn < 2; turn++) {
    expect(await client().startSeal(request)).toEqual({ state: 'sealing', plainBytes: 0, chunks: 0 });
    expect(await failed(sessionId)).toMatchObject({ fault: 'worker_failed', reason: expect.any(String) });
  }
});

test('after some of it was stored it is refused: the track would have it twice', async () => {
  const sessionId = await openSession('partly');
  const request = { params: { sessionId }, body: bodyOf() };
  await client().startSeal(request);
  await failed(sessionId);
  offset = 65_536;
  await expect(client().startSeal(request)).rejects.toMatchObject({ code: 'track_not_empty' });
});

test('the same request finds its sealing, another one of the session is refused while it runs', async () => {
  const sessionId = await openSession('twice');
  const params = { sessionId };
  const first = client().startSeal({ params, body: bodyOf() });
  const same = client().startSeal({ params, body: bodyOf() });
  const other = client().startSeal({ params, body: bodyOf('other', 1) });
  expect((await first).state).toBe('sealing');
  expect((await same).state).toBe('sealing');
  await expect(other).rejects.toMatchObject({ code: 'session_not_open' });
  await failed(sessionId);
});

test('a source that cannot be read is refused, and nothing is remembered of it', async () => {
  const sessionId = await openSession('unread');
  const params = { sessionId };
  const body = { ...bodyOf(), path: join(folder, 'missing') };
  await expect(client().startSeal({ params, body })).rejects.toMatchObject({ code: 'source_unreadable' });
  await expect(client().getSeal({ params })).rejects.toMatchObject({ code: 'seal_unknown' });
});

test('only so many that ended are remembered', async () => {
  const sessions: string[] = [];
  for (let turn = 0; turn < 259; turn++) {
    // Never created: handing it over fails at once.
    const sessionId = sampleSessionId(`ended ${turn}`);
    await client().startSeal({ params: { sessionId }, body: bodyOf() });
    await failed(sessionId);
    sessions.push(sessionId);
  }
  const remembered = await Promise.all(
    sessions.map((sessionId) =>
      client()
        .getSeal({ params: { sessionId } })
        .then(
          () => 1,
          () => 0,
        ),
    ),
  );
  expect(remembered.reduce<number>((sum, each) => sum + each, 0)).toBeLessThanOrEqual(257);
});
