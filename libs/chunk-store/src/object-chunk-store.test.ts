import { expect, test } from '@jest/globals';
import { codeOf, sampleRecord, sampleSessionId, sampleTrailer } from './conformance.ts';
import { ChunkStoreError } from './errors.ts';
import { createMemoryBackend, type MemoryChunks } from './memory-chunk-store.ts';
import { type ObjectBackend, ObjectChunkStore } from './object-chunk-store.ts';

const sessionId = sampleSessionId('objects');
const record = (index: number, seed = '') => sampleRecord({ sessionId, index, payloadSizeBytes: 100, seed });

/** Memory whose next `putNew` of a named object fails; the others work. */
function failingBackend(chunks: MemoryChunks): { backend: ObjectBackend; failOn: Set<string> } {
  const memory = createMemoryBackend(chunks);
  const failOn = new Set<string>();
  const putNew: ObjectBackend['putNew'] = async (id, name, parts) => {
    if (failOn.delete(name)) throw new ChunkStoreError('store_unavailable', { detail: 'made to fail' });
    return memory.putNew(id, name, parts);
  };
  const backend: ObjectBackend = {
    kind: memory.kind,
    putNew,
    put: (id, name, bytes) => memory.put(id, name, bytes),
    get: (id, name) => memory.get(id, name),
    has: (id, name) => memory.has(id, name),
    list: (id) => memory.list(id),
    sessions: () => memory.sessions(),
    delete: (id, names) => memory.delete(id, names),
    check: () => memory.check(),
    close: () => memory.close(),
  };
  return { backend, failOn };
}

test('a failed append fails those after it, and head() drops what they left', async () => {
  const { backend, failOn } = failingBackend(new Map());
  const store = new ObjectChunkStore(backend);
  await store.create(sessionId);
  await store.append(sessionId, 0, record(0));
  failOn.add('000000000001');
  const codes = await Promise.all(
    [1, 2, 3].map((index) => codeOf(store.append(sessionId, index, record(index)))),
  );
  expect(codes).toEqual(['store_unavailable', 'store_unavailable', 'store_unavailable']);
  expect(await codeOf(store.append(sessionId, 1, record(1)))).toBe('store_unavailable');
  expect(await codeOf(store.finish(sessionId, sampleTrailer(64 + 228, 0)))).toBe('store_unavailable');
  expect(await store.head(sessionId)).toEqual({ records: 1, storedBytes: 228, droppedBytes: 2 * 228 });
  for (const index of [1, 2, 3]) await store.append(sessionId, index, record(index, 'sealed anew'));
  expect((await store.head(sessionId)).records).toBe(4);
});

test('a closed session that lost a record is damaged', async () => {
  const chunks: MemoryChunks = new Map();
  const store = new ObjectChunkStore(createMemoryBackend(chunks));
  await store.create(sessionId);
  for (const index of [0, 1, 2]) await store.append(sessionId, index, record(index));
  await store.finish(sessionId, sampleTrailer(64 + 3 * 228, 0));
  chunks.get(sessionId)?.delete('000000000001');
  expect(await codeOf(store.layout(sessionId))).toBe('store_damaged');
  expect(await codeOf(store.head(sessionId))).toBe('store_damaged');
  expect(await codeOf(store.read(sessionId, 1))).toBe('record_missing');
  expect(chunks.get(sessionId)?.has('000000000002')).toBe(true);
});

test('more sessions than writers are remembered', async () => {
  const store = new ObjectChunkStore(createMemoryBackend(new Map()));
  const ids = Array.from({ length: 600 }, (_, at) => sampleSessionId(`many/${at}`));
  for (const id of ids) {
    await store.create(id);
    await store.append(id, 0, sampleRecord({ sessionId: id, index: 0, payloadSizeBytes: 1 }));
  }
  for (const id of ids)
    await store.append(id, 1, sampleRecord({ sessionId: id, index: 1, payloadSizeBytes: 1 }));
  expect((await store.head(ids[0]!)).records).toBe(2);
});
