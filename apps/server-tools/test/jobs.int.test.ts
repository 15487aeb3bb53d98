import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManualClock } from '@lucid/service-kit/testing';
import { startMongoWire } from '../../../tools/test-servers.mjs';
import { type Gatekeeper, startGatekeeper } from './gatekeeper.ts';
import {
  contentOf,
  describeOnMongoWire,
  problemOf,
  startTools,
  startWorld,
  type Tools,
  type World,
} from './world.ts';

const PASSWORD = 'hunter2-very-secret';

describeOnMongoWire()('jobs', () => {
  let world: World;
  let keeper: Gatekeeper;
  const open: Tools[] = [];
  const tools = async (...given: Parameters<typeof startTools>) => {
    const each = await startTools(...given);
    open.push(each);
    return each;
  };
  beforeAll(async () => {
    world = await startWorld();
    keeper = await startGatekeeper(world.server.url);
  }, 300_000);
  afterEach(async () => {
    keeper.open();
    for (const each of open.splice(0)) await each.close();
  });
  afterAll(async () => {
    await keeper?.stop();
    await world?.dispose();
  });

  /** A service whose dump waits at its first `find`. */
  async function held(folder = world.folder()) {
    const { name, db } = world.database();
    await db.collection('one').insertMany(Array.from({ length: 50 }, (_, n) => ({ n })));
    const each = await tools({ url: new URL(name, keeper.url).href, folder });
    keeper.closeFor('find');
    return { ...each, folder, db };
  }

  it('one at a time: another is refused, with the id of the one that runs, in this process and from elsewhere', async () => {
    const { client, folder, ended } = await held();
    const { jobId } = await client.startDump();
    await keeper.whenHeld();
    for (const start of [() => client.startDump(), () => client.startPrune({ body: {} })]) {
      const refused = await start().catch((error) => error);
      expect(refused).toMatchObject({ code: 'job_running', extensions: { jobId } });
    }
    const other = await tools({ url: world.database().url, folder });
    expect(await problemOf(other.client.startDump())).toBe('job_running');
    expect((await other.client.getJob({ params: { jobId }, query: {} })).state).toBe('running');
    expect(await problemOf(other.client.cancelJob({ params: { jobId } }))).toBe('job_elsewhere');
    keeper.open();
    expect((await ended(jobId)).state).toBe('done');
    expect((await other.client.getJob({ params: { jobId }, query: {} })).state).toBe('done');
    expect((await other.dump()).state).toBe('done');
  });

  it('that is cancelled leaves no backup; one that is over is not cancelled again', async () => {
    const { client, folder, dump } = await held();
    const { jobId } = await client.startDump();
    await keeper.whenHeld();
    expect(await client.cancelJob({ params: { jobId } })).toMatchObject({ jobId, state: 'cancelled' });
    expect(await problemOf(client.cancelJob({ params: { jobId } }))).toBe('job_over');
    expect((await client.listBackups()).backups).toEqual([]);
    expect(readdirSync(folder)).toEqual(['.jobs']);
    keeper.open();
    expect((await dump()).state).toBe('done');
  });

  async function restorable() {
    const from = world.database();
    await from.db.collection('one').insertMany([{ n: 1 }, { n: 2 }]);
    const folder = world.folder();
    const { backup = '' } = await (await tools({ url: from.url, folder })).dump();
    const to = world.database();
    const target = await tools({ url: new URL(to.name, keeper.url).href, folder });
    return { ...target, backup, wanted: await contentOf(from.db), to: to.db };
  }

  it('a restore that is cancelled while it loads leaves the database as it was', async () => {
    const { client, backup, to, restore, wanted } = await restorable();
    await to.collection('kept').insertOne({ n: 3 });
    const before = await contentOf(to);
    keeper.closeFor('insert');
    const { jobId } = await client.startRestore({ body: { backup, replace: true } });
    await keeper.whenHeld();
    expect(await client.cancelJob({ params: { jobId } })).toMatchObject({ state: 'cancelled' });
    expect(await contentOf(to)).toEqual(before);
    keeper.open();
    expect(await restore(backup, true)).toMatchObject({ state: 'done', restored: { dropped: ['kept'] } });
    expect(await contentOf(to)).toEqual(wanted);
  });

  it('a restore into what is empty fails where somebody wrote meanwhile, and takes nothing from them', async () => {
    const { client, ended, backup, to } = await restorable();
    keeper.closeFor('insert');
    const { jobId } = await client.startRestore({ body: { backup } });
    await keeper.whenHeld();
    await to.collection('one').insertOne({ mine: true });
    keeper.open();
    expect(await ended(jobId)).toMatchObject({ state: 'failed', failure: { code: 'database_not_empty' } });
    expect(Object.keys(await contentOf(to))).toEqual(['one']);
    expect(await to.collection('one').countDocuments({ mine: true })).toBe(1);
  });

  it('a restore that puts collections in place already goes on to its end', async () => {
    const { client, backup, to, wanted } = await restorable();
    keeper.closeFor('renameCollection');
    const { jobId } = await client.startRestore({ body: { backup } });
    await keeper.whenHeld();
    const cancelling = client.cancelJob({ params: { jobId } });
    expect((await client.getStats()).restoring).toEqual({ backup, phase: 'swapping', mixedWith: backup });
    keeper.open();
    expect(await cancelling).toMatchObject({ state: 'done', restored: { backup } });
    expect(await contentOf(to)).toEqual(wanted);
  });

  it('a restore that is cancelled while it says that it is ready goes on: nothing says so that is not', async () => {
    const { client, ended, backup, to, wanted } = await restorable();
    keeper.closeFor('insert');
    const { jobId } = await client.startRestore({ body: { backup } });
    await keeper.whenHeld();
    keeper.open();
    keeper.closeFor('update');
    await keeper.whenHeld();
    const cancelling = client.cancelJob({ params: { jobId } });
    // It is answered behind the cancel.
    await client.getStats();
    keeper.open();
    await cancelling;
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    expect((await client.getStats()).restoring).toBeUndefined();
    expect(await contentOf(to)).toEqual(wanted);
  });

  it('a restore that fails while it puts collections in place has failed, also where it was to be cancelled', async () => {
    const { client, backup } = await restorable();
    keeper.closeFor('renameCollection');
    const { jobId } = await client.startRestore({ body: { backup } });
    await keeper.whenHeld();
    const cancelling = client.cancelJob({ params: { jobId } });
    // It is answered behind the cancel.
    await client.getStats();
    keeper.cut();
    expect(await cancelling).toMatchObject({ state: 'failed', failure: { code: 'store_unreachable' } });
  });

  it('that runs when the service stops is interrupted, and said so later', async () => {
    const { client, folder, close } = await held();
    const { jobId } = await client.startDump();
    await keeper.whenHeld();
    await close();
    open.pop();
    const again = await tools({ url: world.database().url, folder });
    expect(await again.client.getJob({ params: { jobId }, query: {} })).toMatchObject({
      state: 'interrupted',
    });
    expect((await again.client.listJobs()).jobs).toMatchObject([{ jobId, state: 'interrupted' }]);
    expect((await again.client.listBackups()).backups).toEqual([]);
  });

  it('that a kill left is interrupted, and what it was writing goes with the next one', async () => {
    const folder = world.folder();
    const killed = {
      ...{ jobId: '00'.repeat(8), kind: 'dump', state: 'running', startedAt: '2026-01-01T00:00:00.000Z' },
      progress: { phase: 'writes', collections: 1, collectionsDone: 0, documents: 0, bytes: 0 },
    };
    mkdirSync(join(folder, '.jobs'));
    mkdirSync(join(folder, '.partial-lucid-x'));
    mkdirSync(join(folder, '.gone-lucid-y'));
    writeFileSync(join(folder, '.jobs', `${killed.jobId}.json`), JSON.stringify(killed));
    writeFileSync(join(folder, '.jobs', `${'11'.repeat(8)}.json`), '{"jobId":');
    const { client, dump } = await tools({ url: world.database().url, folder });
    expect((await client.listJobs()).jobs).toMatchObject([{ jobId: killed.jobId, state: 'interrupted' }]);
    expect((await dump()).state).toBe('done');
    expect(readdirSync(folder).filter((name) => /^\.(?:partial|gone)-/.test(name))).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, '.jobs', `${killed.jobId}.json`), 'utf8')).state).toBe(
      'interrupted',
    );
  });

  it('of a dump leave views and what is the server’s own, and the manifest names what they left', async () => {
    const { name, db } = world.database();
    await db.collection('one').insertOne({});
    const { client, dump } = await tools({ url: new URL(name, keeper.url).href, folder: world.folder() });
    keeper.listAlso([
      { name: 'seen', type: 'view', options: { viewOn: 'one', pipeline: [] }, info: {} },
      { name: 'system.views', type: 'collection', options: {}, info: {} },
      { name: 'weather', type: 'timeseries', options: {}, info: {} },
    ]);
    const { backup = '', state } = await dump();
    expect(state).toBe('done');
    const { collections, skipped } = await client.getBackup({ params: { backup } });
    expect([collections.map((each) => each.name), skipped]).toEqual([['one'], ['seen', 'weather']]);
  });

  it('tell how far they are', async () => {
    const { client, ended } = await held();
    keeper.closeFor('listIndexes');
    const { jobId } = await client.startDump();
    await keeper.whenHeld();
    const { progress } = await client.getJob({ params: { jobId }, query: {} });
    expect(progress).toEqual({
      ...{ phase: 'writes', collection: 'one', collections: 1, collectionsDone: 0, documents: 50 },
      bytes: expect.any(Number),
    });
    keeper.open();
    expect((await ended(jobId)).progress).toMatchObject({ collectionsDone: 1 });
  });

  it('of an unknown id are unknown', async () => {
    const { client } = await tools({ url: world.database().url, folder: world.folder() });
    const params = { jobId: 'ff'.repeat(8) };
    expect(await problemOf(client.getJob({ params, query: {} }))).toBe('job_unknown');
    expect(await problemOf(client.cancelJob({ params }))).toBe('job_unknown');
  });

  it('only the newest are kept', async () => {
    const folder = world.folder();
    mkdirSync(join(folder, '.jobs'));
    for (let n = 0; n < 130; n += 1) {
      const jobId = n.toString(16).padStart(16, '0');
      const startedAt = new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
      const progress = { phase: '', collections: 0, collectionsDone: 0, documents: 0, bytes: 0 };
      const job = { jobId, kind: 'prune', state: 'done', startedAt, endedAt: startedAt, progress };
      writeFileSync(join(folder, '.jobs', `${jobId}.json`), JSON.stringify(job));
    }
    const { client, prune } = await tools({ url: world.database().url, folder });
    await prune();
    const { jobs } = await client.listJobs();
    expect(jobs).toHaveLength(101);
    expect(jobs[1]?.jobId).toBe((129).toString(16).padStart(16, '0'));
  });

  describe('where the store', () => {
    it('is not there, they say so, and what to look at', async () => {
      const server = await startMongoWire();
      await server.stop();
      const url = new URL('gone', server.url).href.replace('//', `//lucid:${PASSWORD}@`);
      const environment = { SERVER_TOOLS_STORE_TIMEOUT_MS: '200' };
      const { client, dump, stack } = await tools({ url, folder: world.folder(), environment });
      const { failure } = await dump();
      expect(failure).toMatchObject({ code: 'store_unreachable' });
      expect(failure?.message).toMatch(/does not answer; look at \/diag\/tcp/);
      expect(await problemOf(client.getStats())).toBe('store_unreachable');
      expect(await stack.ready()).toMatchObject({
        'server-tools': {
          status: 'unready',
          dependencies: { mongodb: { status: 'down' }, backups: { status: 'up' } },
        },
      });
      expect(JSON.stringify([stack.logLines, failure])).not.toContain(PASSWORD);
    });

    it('refuses the password, they say which secret to correct, and never show it', async () => {
      const url = new URL('d?authSource=admin', world.server.url).href.replace('//', `//lucid:${PASSWORD}@`);
      const { client, dump, stack } = await tools({ url, folder: world.folder() });
      const { failure } = await dump();
      expect(failure?.code).toBe('store_refused');
      expect(failure?.message).toMatch(/refuses the user or the password in MONGO_URL; correct the secret/);
      expect(await problemOf(client.getStats())).toBe('store_refused');
      expect(JSON.stringify([stack.logLines, failure])).not.toContain(PASSWORD);
    });

    it.each([
      ['dump', 'listCollections', { code: 8, codeName: 'UnknownError' }, 'store_failed'],
      ['dump', 'find', { code: 13, codeName: 'Unauthorized' }, 'store_refused'],
      ['restore', 'insert', { code: 14031, codeName: 'OutOfDiskSpace' }, 'store_full'],
      ['restore', 'createIndexes', { code: 67, codeName: 'CannotCreateIndex' }, 'store_failed'],
    ] as const)(
      'fails a %s at %s, its code is told, and nothing of what it said about documents',
      async (kind, command, failure, code) => {
        const from = world.database();
        await from.db.collection('one').insertOne({ n: 1 });
        await from.db.collection('one').createIndex({ n: 1 }, { name: 'n' });
        const folder = world.folder();
        const source = await tools({ url: new URL(from.name, keeper.url).href, folder });
        const { backup = '' } = await source.dump();
        const to = world.database();
        const target = await tools({ url: new URL(to.name, keeper.url).href, folder });
        keeper.failFor(command, failure);
        const job = await (kind === 'dump' ? source.dump() : target.restore(backup));
        expect(job).toMatchObject({ state: 'failed', failure: { code } });
        expect(job.failure?.message).toContain(failure.codeName);
        expect(job.failure?.message).not.toContain('SECRET');
        keeper.open();
        // The database is as it was, and it works again at once.
        expect(await contentOf(to.db)).toEqual({});
        expect((await target.restore(backup)).state).toBe('done');
      },
    );

    it('fails at a question, the answer says so', async () => {
      const { name } = world.database();
      const { client } = await tools({ url: new URL(name, keeper.url).href, folder: world.folder() });
      keeper.failFor('buildInfo', { code: 8, codeName: 'UnknownError' });
      expect(await problemOf(client.getStats())).toBe('store_failed');
    });

    it('goes away meanwhile, they fail, and nothing counts as a backup', async () => {
      const { client, ended, folder } = await held();
      const { jobId } = await client.startDump();
      await keeper.whenHeld();
      keeper.cut();
      expect(await ended(jobId)).toMatchObject({ state: 'failed', failure: { code: 'store_unreachable' } });
      expect(readdirSync(folder)).toEqual(['.jobs']);
    });
  });

  it('where the folder is none, they are refused', async () => {
    const folder = join(world.folder(), 'file');
    writeFileSync(folder, '');
    const { client, stack } = await tools({ url: world.database().url, folder });
    for (const ask of [
      () => client.startDump(),
      () => client.startPrune({ body: {} }),
      () => client.startVerify({ body: { backup: 'x' } }),
      () => client.startRestore({ body: { backup: 'x' } }),
      () => client.listBackups(),
      () => client.listJobs(),
      () => client.getJob({ params: { jobId: '00'.repeat(8) }, query: {} }),
      () => client.cancelJob({ params: { jobId: '00'.repeat(8) } }),
      () => client.getBackup({ params: { backup: 'x' } }),
    ])
      expect(await problemOf(ask())).toBe('folder_unusable');
    expect(await stack.ready()).toMatchObject({
      'server-tools': { dependencies: { backups: { status: 'down' } } },
    });
    rmSync(folder);
    expect(await problemOf(client.startDump())).toBe('none');
  });

  it('a wait ends with its time, and the job goes on', async () => {
    const clock = createManualClock();
    const { name, db } = world.database();
    await db.collection('one').insertOne({});
    const { client } = await tools({ url: new URL(name, keeper.url).href, folder: world.folder(), clock });
    keeper.closeFor('find');
    const { jobId } = await client.startDump();
    await keeper.whenHeld();
    const waited = client.getJob({ params: { jobId }, query: { waitMs: 5_000 } });
    await clock.advance(5_000);
    expect((await waited).state).toBe('running');
    keeper.open();
  });
});
