import { closeSync, openSync, writevSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sampleRecord, sampleSessionId, sampleTrailer } from '@lucid/chunk-store/conformance';
import { openFilesChunkStore } from './files-chunk-store.ts';
import { type HandedPack, markPack } from './pack.ts';

const sessionId = sampleSessionId('pack');
const record = (index: number) => sampleRecord({ sessionId, index, payloadSizeBytes: 1000 + index });
const sizeOf = (index: number) => 1128 + index;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-pack-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes the given records where they belong, in the given order, as workers would; marks `marked` records durable. */
function writeRecords(pack: HandedPack, indexes: readonly number[], marked: number): void {
  const fd = openSync(pack.path, 'r+');
  const markFd = openSync(pack.markPath, 'r+');
  const offsetOf = (index: number) => {
    let offset = pack.endOffset;
    for (let at = pack.records; at < index; at++) offset += sizeOf(at);
    return offset;
  };
  for (const index of indexes) writevSync(fd, [...record(index)], offsetOf(index));
  markPack({ markFd }, marked);
  closeSync(fd);
  closeSync(markFd);
}

async function openSession() {
  const store = await openFilesChunkStore({ folder });
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  return store;
}

test('a session goes on where the bulk writer ended', async () => {
  const store = await openSession();
  const pack = await store.handOver(sessionId);
  expect(pack.records).toBe(1);
  writeRecords(pack, [3, 1, 2], 4);
  store.takeBack(sessionId);
  await store.append(sessionId, 4, record(4));
  expect((await store.head(sessionId)).records).toBe(5);
  const { endOffset } = await store.layout(sessionId);
  await store.finish(sessionId, sampleTrailer(endOffset, 99));
  for (let index = 0; index < 5; index++) {
    expect(Buffer.compare(await store.read(sessionId, index), Buffer.concat(record(index)))).toBe(0);
  }
  await store.close();
});

test('while a bulk writer has the session nothing else writes or repairs its file', async () => {
  const store = await openSession();
  const under = store.append(sessionId, 1, record(1));
  const pack = await store.handOver(sessionId);
  await under;
  expect(pack.records).toBe(2);
  // A record with a hole before it, as between the writes of two workers: opening the file would cut it off.
  writeRecords(pack, [3], 2);
  const refused = { code: 'store_unavailable' };
  await expect(store.append(sessionId, 2, record(2))).rejects.toMatchObject(refused);
  await expect(store.head(sessionId)).rejects.toMatchObject(refused);
  await expect(store.handOver(sessionId)).rejects.toMatchObject(refused);
  await expect(store.finish(sessionId, sampleTrailer(pack.endOffset, 9))).rejects.toMatchObject(refused);
  expect(Buffer.compare(await store.read(sessionId, 1), Buffer.concat(record(1)))).toBe(0);
  writeRecords(pack, [2], 4);
  store.takeBack(sessionId);
  expect(await store.head(sessionId)).toMatchObject({ records: 4, droppedBytes: 0 });
  await store.close();
});

test('a pack left by a dead process is kept up to its first hole', async () => {
  const dying = await openSession();
  writeRecords(await dying.handOver(sessionId), [1, 2, 4], 3);
  await dying.close();

  const store = await openFilesChunkStore({ folder });
  expect(await store.head(sessionId)).toMatchObject({ records: 3, droppedBytes: expect.any(Number) });
  await store.append(sessionId, 3, record(3));
  expect((await store.head(sessionId)).records).toBe(4);
  await store.close();
});
