/** The service over the real chain, with anchors kept in a real Redis. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMemoryDocumentStore, type DocumentStore } from '@lucid/document-store';
import { createRedisEvents } from '@lucid/events-redis';
import { startRedis, whyNoRedis } from '../../../tools/test-servers.mjs';
import { eventually } from '../../on-system-chain/test/chain-stack.ts';
import { openSessionIndexStore } from '../src/store/index-store.ts';
import { callOf, codeOf, genesisOf, sessionOf, World } from './world.ts';

const why = whyNoRedis();
if (why && process.env.CI) throw new Error(`Redis is needed here: ${why}`);

if (why) {
  test.skip(`anchors in Redis (skipped: ${why})`, () => undefined);
} else {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let world: World;
  /** Finds of registrations by session that reached the store. */
  let finds = 0;

  const counting = (store: DocumentStore): DocumentStore => {
    const collection = store.collection.bind(store) as DocumentStore['collection'];
    return Object.assign(store, {
      collection: async (definition: Parameters<DocumentStore['collection']>[0]) => {
        const inner = await collection(definition);
        const find = inner.find.bind(inner);
        return Object.assign(inner, {
          find: (options: Parameters<typeof find>[0]) => {
            if (options.index === 'bySession') finds++;
            return find(options);
          },
        });
      },
    });
  };

  const open = () => world.open(counting);
  const paramsOf = (number: number) => ({ sessionId: sessionOf(number).sessionId });
  const anchorOf = (number: number) => world.client.getSessionAnchor({ params: paramsOf(number) });
  const generation = async () => {
    const { cursors } = await openSessionIndexStore(createMemoryDocumentStore(world.documents, () => 0));
    return (await cursors.get('chain'))?.document.generation ?? '';
  };
  const keyOf = (of: string, number: number) => `sessions-data/anchor/1/${of}/${paramsOf(number).sessionId}`;
  /** Asks Redis beside the service. */
  async function kept<T>(work: (cache: ReturnType<typeof createRedisEvents>['cache']) => Promise<T>) {
    const events = createRedisEvents({ url: redis.url });
    try {
      return await work(events.cache);
    } finally {
      await events.close();
    }
  }

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start();
    await world.send(...[1, 2, 3].map((each) => callOf.registerSession(sessionOf(each))));
    await world.close();
    world.environment = { REDIS_URL: redis.url };
    await open();
  }, 60_000);
  afterAll(async () => {
    await world?.dispose();
    await redis?.stop();
  });

  test('an anchor is looked for once, also by a process that starts later, and what it says is checked', async () => {
    await world.indexed();
    const told = await anchorOf(1);
    const after = finds;
    expect(await anchorOf(1)).toEqual(told);
    await world.close();
    await open();
    expect(await anchorOf(1)).toEqual(told);
    expect(finds).toBe(after);
    await kept(async (cache) => cache.set(keyOf(await generation(), 1), '{"kind":"session"}', 60_000));
    expect(await anchorOf(1)).toEqual(told);
    expect(finds).toBe(after + 1);
  });

  test('what is not registered is not kept: it is told as soon as it is', async () => {
    expect(await codeOf(anchorOf(4))).toBe('session_unknown');
    await world.send(callOf.registerSession(sessionOf(4)));
    expect(await anchorOf(4)).toMatchObject(paramsOf(4));
  });

  test('an index that is made anew tells nothing of the one before, and keeps anew', async () => {
    const told = await anchorOf(2);
    const before = await generation();
    // What the index of before would say, were it believed.
    await kept((cache) =>
      cache.set(
        keyOf(before, 2),
        JSON.stringify({ kind: 'session', ...told, owner: 'f'.repeat(40) }),
        60_000,
      ),
    );
    expect((await anchorOf(2)).owner).toBe(`0x${'f'.repeat(40)}`);
    await world.client.rebuild();
    expect(['index_clearing', 'session_unknown', 'none']).toContain(await codeOf(anchorOf(2)));
    await world.indexed();
    expect(await generation()).not.toBe(before);
    expect(await anchorOf(2)).toEqual(told);
    expect(await kept(async (cache) => cache.get(keyOf(await generation(), 2)))).not.toBeNull();
  });

  test('without Redis the store is asked, and Redis again when it is there', async () => {
    const told = await anchorOf(3);
    await redis.stop();
    const before = finds;
    for (let times = 0; times < 3; times++) expect(await anchorOf(3)).toEqual(told);
    expect(finds).toBe(before + 3);
    expect((await fetch(`${world.stack.targetOf('blockchain-sessions-data')?.origin}/ready`)).status).toBe(
      200,
    );
    redis = await startRedis({ port: redis.port });
    await eventually(async () => {
      await anchorOf(3);
      return kept(async (cache) => cache.get(keyOf(await generation(), 3)));
    });
    const again = finds;
    expect(await anchorOf(3)).toEqual(told);
    expect(finds).toBe(again);
  });

  test('another chain under the same Redis: nothing of the first is told', async () => {
    await anchorOf(1);
    const before = await generation();
    await world.indexed();
    await world.close();
    for (const each of ['ledger', 'vm', 'chain']) await rm(join(world.folder, each), { recursive: true });
    await writeFile(join(world.folder, 'genesis.json'), genesisOf(1_710_000_000));
    await open();
    await eventually(async () => (await world.client.getStatus()).state === 'replaced');
    expect(await codeOf(anchorOf(1))).toBe('chain_replaced');
    await world.client.rebuild();
    await world.indexed();
    expect(await codeOf(anchorOf(1))).toBe('session_unknown');
    expect(await kept((cache) => cache.get(keyOf(before, 1)))).not.toBeNull();
    await world.send(callOf.registerSession(sessionOf(1)));
    expect(await anchorOf(1)).toMatchObject(paramsOf(1));
  });
}
