import { createMemoryChunkStore } from '@lucid/chunk-store';
import { createMemoryDocumentStore } from '@lucid/document-store';
import { ConfigError } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '../src/index.ts';

const service = 'a-service';
const all = ['documents', 'chunks', 'events'] as const;
const memory = { LUCID_DOCUMENTS_URL: 'memory:', LUCID_CHUNKS_URL: 'memory:' };

test('what the settings name is opened, and closed again', async () => {
  const stores = await openServiceStores({ service, kinds: all, settings: memory, given: {} });
  expect((await stores.documents.check()).ok).toBe(true);
  expect(stores.chunks.kind).toBe('memory');
  expect(stores.events).toBeUndefined();
  await stores.close();
  expect((await stores.documents.check()).ok).toBe(false);
});

test('MONGO_URL counts where LUCID_DOCUMENTS_URL is absent', async () => {
  const settings = { MONGO_URL: 'memory:' };
  const stores = await openServiceStores({ service, kinds: ['documents'], settings, given: {} });
  expect((await stores.documents.check()).ok).toBe(true);
  await stores.close();
});

test('what the host handed over is taken as it is and left open', async () => {
  const documents = createMemoryDocumentStore();
  const chunks = createMemoryChunkStore();
  const events = { bus: { publish: async () => {} } };
  const given = { documents, chunks, events };
  const stores = await openServiceStores({ service, kinds: all, settings: {}, given });
  expect(stores).toMatchObject(given);
  await stores.close();
  expect((await documents.check()).ok).toBe(true);
});

test('one that fails to close leaves no other open, and is told', async () => {
  const stores = await openServiceStores({ service, kinds: all, settings: memory, given: {} });
  const close = stores.chunks.close.bind(stores.chunks);
  stores.chunks.close = async () => {
    await close();
    throw new Error('cannot be closed');
  };
  await expect(stores.close()).rejects.toThrow('cannot be closed');
  expect((await stores.documents.check()).ok).toBe(false);
});

test('where what is opened upon the stores fails, they are closed', async () => {
  const stores = await openServiceStores({ service, kinds: all, settings: memory, given: {} });
  expect(await openUpon(stores, async () => 7)).toBe(7);
  expect((await stores.documents.check()).ok).toBe(true);
  const failing = openUpon(stores, () => Promise.reject(new Error('not this one')));
  await expect(failing).rejects.toThrow('not this one');
  expect((await stores.documents.check()).ok).toBe(false);
});

test.each([
  ['LUCID_DOCUMENTS_URL', {}],
  ['LUCID_CHUNKS_URL', { LUCID_DOCUMENTS_URL: 'memory:' }],
])('a missing %s is a fault of the configuration', async (variable, settings) => {
  const error = await openServiceStores({ service, kinds: all, settings, given: {} }).catch(
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).faults.map((each) => each.variable)).toEqual([variable]);
});
