import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { openFilesChunkStore } from '@lucid/store-files';
import { BulkDesk } from './bulk-desk.ts';

const sessionId = sampleSessionId('desk');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-desk-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a key that is forgotten while the file is handed over seals nothing, and the store has its session back', async () => {
  const chunks = await openFilesChunkStore({ folder });
  await chunks.create(sessionId);
  await chunks.append(sessionId, 0, sampleRecord({ sessionId, index: 0, payloadSizeBytes: 100 }));
  let key: Uint8Array | null = new Uint8Array(32).fill(7);
  const desk = new BulkDesk({
    encryptor: { borrowKey: () => key, nextOffset: () => 0, adopt: async () => {} },
    chunks,
    codec: 'wasm',
  });
  const path = join(folder, 'source');
  writeFileSync(path, 'what must not be readable with a key of zeros');
  const before = readFileSync(join(folder, `${sessionId}.part`));
  const fd = openSync(path, 'r');
  const sealing = desk.seal({ sessionId, source: { fd, sizeBytes: 45 }, track: 0, chunkSizeBytes: 65_536 });
  // As the vault wipes it: the bytes that were lent become zeros.
  key.fill(0);
  key = null;
  await expect(sealing).rejects.toMatchObject({ code: 'session_not_open' });
  expect(readFileSync(join(folder, `${sessionId}.part`)).equals(before)).toBe(true);
  expect(await chunks.head(sessionId)).toMatchObject({ records: 1, droppedBytes: 0 });
  closeSync(fd);
  await chunks.close();
});

test('a track that took bytes before, or while the file was handed over, is refused and nothing is written', async () => {
  const chunks = await openFilesChunkStore({ folder });
  await chunks.create(sessionId);
  await chunks.append(sessionId, 0, sampleRecord({ sessionId, index: 0, payloadSizeBytes: 100 }));
  let offset: number | null = 5;
  const desk = new BulkDesk({
    encryptor: { borrowKey: () => new Uint8Array(32), nextOffset: () => offset, adopt: async () => {} },
    chunks,
    codec: 'wasm',
  });
  const path = join(folder, 'source');
  writeFileSync(path, 'a whole file');
  const fd = openSync(path, 'r');
  const request = { sessionId, source: { fd, sizeBytes: 12 }, track: 1, chunkSizeBytes: 65_536 };
  await expect(desk.seal(request)).rejects.toMatchObject({ code: 'track_not_empty' });
  offset = null;
  await expect(desk.seal(request)).rejects.toMatchObject({ code: 'track_unknown' });
  offset = 0;
  const sealing = desk.seal(request);
  offset = 5;
  await expect(sealing).rejects.toMatchObject({ code: 'track_not_empty' });
  expect(await chunks.head(sessionId)).toMatchObject({ records: 1, droppedBytes: 0 });
  closeSync(fd);
  await chunks.close();
});
