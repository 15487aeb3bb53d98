import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, sampleRecord, sampleSessionId, sampleTrailer } from '@lucid/chunk-store/conformance';
import { openFilesChunkStore } from './files-chunk-store.ts';
import {
  claimPackRange,
  closePack,
  FIRST_RECORD_OFFSET,
  finishPack,
  markPack,
  openPack,
  syncPack,
  writePackParts,
} from './pack.ts';

const sessionId = sampleSessionId('pack');
const record = (index: number) => sampleRecord({ sessionId, index, payloadSizeBytes: 1000 + index });
const sizeOf = (index: number) => 1128 + index;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-pack-'));
});
afterEach(() => rm(folder, { recursive: true }));

const claims = () => BigInt64Array.of(BigInt(FIRST_RECORD_OFFSET));

test('records written in any order are found by index', async () => {
  const pack = openPack({ folder, sessionId });
  const next = claims();
  const order = [3, 0, 4, 1, 2];
  const offsets = order.map((index) => claimPackRange(next, sizeOf(index)));
  for (const [at, index] of [...order.entries()].reverse())
    writePackParts(pack.fd, record(index), offsets[at]!);
  const recordsEndOffset = Number(next[0]);
  const path = finishPack(pack, { recordsEndOffset, trailer: sampleTrailer(recordsEndOffset, 99) });
  expect((await readFile(path)).length).toBe(recordsEndOffset + 16 + 99 + 64);

  const store = await openFilesChunkStore({ folder });
  const layout = await store.layout(sessionId);
  expect(order.map((index) => layout.offsets[index])).toEqual(offsets);
  for (const index of order) {
    expect(Buffer.compare(await store.read(sessionId, index), Buffer.concat(record(index)))).toBe(0);
  }
  await store.close();
});

test('a pack left by a dead process is cut to what its mark and order vouch for', async () => {
  const pack = openPack({ folder, sessionId });
  const next = claims();
  for (const index of [0, 1]) writePackParts(pack.fd, record(index), claimPackRange(next, sizeOf(index)));
  syncPack(pack.fd);
  markPack(pack, 2);
  claimPackRange(next, sizeOf(2));
  writePackParts(pack.fd, record(3), claimPackRange(next, sizeOf(3)));
  closePack(pack);

  const store = await openFilesChunkStore({ folder });
  const dropped = sizeOf(2) + sizeOf(3);
  expect(await store.head(sessionId)).toEqual({
    records: 2,
    storedBytes: sizeOf(0) + sizeOf(1),
    droppedBytes: dropped,
  });
  await store.append(sessionId, 2, record(2));
  expect((await store.head(sessionId)).records).toBe(3);
  await store.close();
});

test('refuses a second pack of a session, a wrong trailer, a closed descriptor', async () => {
  const pack = openPack({ folder, sessionId });
  expect(await codeOf((async () => openPack({ folder, sessionId }))())).toBe('store_unavailable');
  expect(() => finishPack(pack, { recordsEndOffset: 64, trailer: sampleTrailer(65, 1) })).toThrow(RangeError);
  closePack(pack);
  expect(await codeOf((async () => writePackParts(pack.fd, record(0), 64))())).toBe('store_unavailable');
});
