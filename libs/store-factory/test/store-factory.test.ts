import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { build, type Metafile } from 'esbuild';
import { openChunkStore, openDocumentStore, openKeyValueStore } from '../src/index.ts';

const s3Keys = { accessKey: 'a', secretKey: 'b' };
const sessionId = sampleSessionId('factory');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-factory-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['memory:', 'memory'],
  ['mongodb://127.0.0.1:1/lucid', 'gridfs'],
  ['s3://bucket/prefix', 's3'],
])('chunks at %s', async (url, kind) => {
  const store = await openChunkStore({ url, s3Keys });
  expect(store.kind).toBe(kind);
  await store.close();
});

test('chunks in a folder, also read-only', async () => {
  const url = join(folder, 'sessions');
  const store = await openChunkStore({ url });
  expect(store.kind).toBe('files');
  await store.create(sessionId);
  await store.append(sessionId, 0, sampleRecord({ sessionId, index: 0, payloadSizeBytes: 5 }));
  const reader = await openChunkStore({ url, readOnly: true });
  expect((await reader.head(sessionId)).records).toBe(1);
  expect(await codeOf(reader.remove(sessionId))).toBe('store_read_only');
  await Promise.all([store.close(), reader.close()]);
});

test.each(['memory:', 'folder'])('keys and values at %s', async (where) => {
  const store = await openKeyValueStore({ url: where === 'folder' ? join(folder, 'kv') : where });
  await store.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }], { sync: true });
  expect(Buffer.from((await store.get(Uint8Array.of(1)))!)).toEqual(Buffer.of(2));
  await store.close();
});

test.each(['memory:', 'folder'])('documents at %s', async (where) => {
  const store = await openDocumentStore({ url: where === 'folder' ? join(folder, 'documents') : where });
  const things = await store.collection({
    name: 'things',
    key: (each: { id: string }) => each.id,
    indexes: [],
  });
  await things.insert({ id: 'one' });
  expect((await things.get('one'))?.document).toEqual({ id: 'one' });
  await store.close();
});

test('refuses what it has no adapter for', async () => {
  await expect(openChunkStore({ url: 'redis://cache' })).rejects.toThrow(RangeError);
  await expect(openChunkStore({ url: 's3://bucket' })).rejects.toThrow(TypeError);
  await expect(openKeyValueStore({ url: 's3://bucket' })).rejects.toThrow(RangeError);
  await expect(openDocumentStore({ url: 's3://bucket' })).rejects.toThrow(RangeError);
});

/** All that is loaded when the file is, without any `import()` having been run. */
function loadedAtOnce(outputs: Metafile['outputs'], file: string, seen = new Set<string>()): Set<string> {
  for (const each of outputs[file]?.imports ?? []) {
    if (each.kind === 'dynamic-import' || seen.has(each.path)) continue;
    seen.add(each.path);
    loadedAtOnce(outputs, each.path, seen);
  }
  return seen;
}

test('drivers are loaded only when a location names them', async () => {
  const drivers = ['lmdb', 'mongodb', 'classic-level', 'ioredis', '@aws-sdk/client-s3'];
  const { metafile } = await build({
    entryPoints: [join(__dirname, '../src/index.ts')],
    outdir: folder,
    external: drivers,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
  });
  const entry = Object.keys(metafile.outputs).find((path) => path.endsWith('/index.js'))!;
  const atOnce = loadedAtOnce(metafile.outputs, entry);
  const everywhere = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.map((each) => each.path),
  );
  for (const driver of ['lmdb', 'mongodb', 'classic-level', '@aws-sdk/client-s3']) {
    expect(everywhere).toContain(driver);
    expect([...atOnce]).not.toContain(driver);
  }
});
