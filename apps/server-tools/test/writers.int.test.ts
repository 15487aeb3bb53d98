/** A dump while services write: whatever is in it that points to something finds it there. */

import { sampleRecord, sampleSessionId } from '@lucid/chunk-store/conformance';
import { createGridFsChunkStore } from '@lucid/store-mongo/chunks';
import type { Db } from 'mongodb';
import { type Gatekeeper, startGatekeeper } from './gatekeeper.ts';
import { describeOnMongoWire, startTools, startWorld, type World } from './world.ts';

const SESSIONS = 12;

describeOnMongoWire()('a dump while sessions are written', () => {
  let world: World;
  let keeper: Gatekeeper;
  beforeAll(async () => {
    world = await startWorld();
    keeper = await startGatekeeper(world.server.url);
  }, 300_000);
  afterAll(async () => {
    await keeper?.stop();
    await world?.dispose();
  });

  const idOf = (n: number) => sampleSessionId(`while dumping ${n}`);
  const recordOf = (n: number) => sampleRecord({ sessionId: idOf(n), index: 0, payloadSizeBytes: 3_000 });

  /** One session as the services write it: records, then what counts them, tiles, then their tree, evidence, then the session. */
  async function writeSession(db: Db, url: string, n: number) {
    const chunks = createGridFsChunkStore({ url });
    await chunks.create(idOf(n));
    await chunks.append(idOf(n), 0, recordOf(n));
    await chunks.close();
    for (const name of [
      'merkle-tiles',
      'merkle-trees',
      'encryptor-sessions',
      'session-evidence',
      'sessions',
      'user-sessions',
    ])
      await db.collection<{ _id: number }>(name).insertOne({ _id: n });
  }

  it('holds the records, tiles and evidence of each session that it holds', async () => {
    const from = world.database();
    const folder = world.folder();
    await writeSession(from.db, from.url, 0);
    const tools = await startTools({ url: new URL(from.name, keeper.url).href, folder });
    // Another session is written whole between any two collections that the dump reads.
    let written = 1;
    keeper.closeFor('listIndexes');
    const { jobId } = await tools.client.startDump();
    const ended = tools.ended(jobId);
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over && written < SESSIONS) {
      await Promise.race([keeper.whenHeld(), ended]);
      await writeSession(from.db, from.url, written);
      written += 1;
      keeper.open();
      keeper.closeFor('listIndexes');
    }
    keeper.open();
    expect(await ended).toMatchObject({ state: 'done' });
    expect(written).toBeGreaterThan(6);

    const to = world.database();
    const restoring = await startTools({ url: to.url, folder });
    expect(await restoring.restore((await ended).backup as string)).toMatchObject({ state: 'done' });
    await restoring.close();
    await tools.close();
    const idsIn = async (name: string) =>
      (await to.db.collection(name).find().toArray()).map(({ _id }) => Number(_id));
    const chain = [
      'user-sessions',
      'sessions',
      'session-evidence',
      'encryptor-sessions',
      'merkle-trees',
      'merkle-tiles',
    ];
    let counts: number[] = [];
    for (const [at, name] of chain.entries()) {
      const ids = await idsIn(name);
      counts = [...counts, ids.length];
      const pointing = at === 0 ? [] : await idsIn(chain[at - 1] as string);
      expect([name, pointing.filter((id) => !ids.includes(id))]).toEqual([name, []]);
    }
    // It did read while it was written to.
    expect(new Set(counts).size).toBeGreaterThan(2);
    const chunks = createGridFsChunkStore({ url: to.url });
    for (const n of await idsIn('encryptor-sessions'))
      expect(Buffer.compare(await chunks.read(idOf(n), 0), Buffer.concat(recordOf(n)))).toBe(0);
    await chunks.close();
  });
});
