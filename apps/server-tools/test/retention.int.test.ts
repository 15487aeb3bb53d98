import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManualClock, type ManualClock } from '@lucid/service-kit/testing';
import { describeOnMongoWire, filesIn, startTools, startWorld, type Tools, type World } from './world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describeOnMongoWire()('backups that are kept', () => {
  let world: World;
  const open: Tools[] = [];
  const tools = async (...given: Parameters<typeof startTools>) => {
    const each = await startTools(...given);
    open.push(each);
    return each;
  };
  beforeAll(async () => {
    world = await startWorld();
  }, 300_000);
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  afterAll(() => world?.dispose());

  async function filled() {
    const database = world.database();
    await database.db.collection('one').insertOne({ x: 1 });
    return database;
  }

  const namesIn = (folder: string) =>
    readdirSync(folder)
      .filter((each) => !each.startsWith('.'))
      .sort();

  const damage = (folder: string, name: string) => {
    const path = join(folder, name);
    const file = filesIn(path).find((each) => each.endsWith('one.bson.gz')) as string;
    writeFileSync(join(path, file), 'damaged');
  };

  /** Dumps a day apart, oldest first. */
  async function daily(count: number, environment = {}) {
    const clock = createManualClock();
    const { url } = await filled();
    const folder = world.folder();
    const started = await tools({ url, folder, clock, environment });
    const names: string[] = [];
    for (let day = 0; day < count; day += 1) {
      if (day > 0) await clock.advance(DAY_MS);
      names.push((await started.dump()).backup as string);
    }
    return { ...started, folder, names, clock };
  }

  it('are the newest ten, or as many as is asked for; what was never finished goes', async () => {
    const { folder, names, prune } = await daily(12);
    mkdirSync(join(folder, 'unfinished'));
    writeFileSync(join(folder, 'unfinished', 'one.bson.gz'), '');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const { pruned } = await prune();
    expect(pruned).toEqual({
      kept: names.slice(2).reverse(),
      removed: [names[1], names[0], 'unfinished'],
    });
    expect(namesIn(folder)).toEqual([...names.slice(2), 'notes.txt'].sort());
    expect((await prune({ keep: 2 })).pruned?.kept).toEqual([names[11], names[10]]);
    expect((await prune({ keep: 2 })).pruned?.removed).toEqual([]);
  });

  it('are none older than so many days', async () => {
    const { names, prune } = await daily(5, { SERVER_TOOLS_BACKUP_KEEP_DAYS: '3' });
    expect((await prune()).pruned?.kept).toEqual(names.slice(1).reverse());
    expect((await prune({ days: 1 })).pruned?.kept).toEqual([names[4], names[3]]);
  });

  it('always hold the last good one, however old, and however many younger are damaged', async () => {
    const { folder, names, prune, clock } = await daily(5);
    for (const name of names.slice(2)) damage(folder, name);
    expect((await prune({ keep: 2 })).pruned).toEqual({
      kept: [names[4], names[3], names[1]],
      removed: [names[2], names[0]],
      lastGood: names[1],
    });
    await clock.advance(20 * DAY_MS);
    expect((await prune({ days: 7 })).pruned).toEqual({
      kept: [names[1]],
      removed: [names[4], names[3]],
      lastGood: names[1],
    });
  });

  it('outlive a database that lost everything: backups of nothing do not push out the last that holds something', async () => {
    const clock = createManualClock();
    const { db, url } = await filled();
    const { dump, prune } = await tools({ url, folder: world.folder(), clock });
    const names: string[] = [];
    for (let day = 0; day < 4; day += 1) {
      names.push((await dump()).backup as string);
      await db.dropDatabase();
      await clock.advance(DAY_MS);
    }
    expect((await prune({ keep: 2 })).pruned).toEqual({
      ...{ kept: [names[3], names[2], names[0]], removed: [names[1]], lastGood: names[0] },
    });
  });

  it('without a good one among them nothing is made worse than the rules say', async () => {
    const { folder, names, prune } = await daily(3);
    for (const name of names) damage(folder, name);
    expect((await prune({ keep: 1 })).pruned).toEqual({ kept: [names[2]], removed: [names[1], names[0]] });
    rmSync(join(folder, names[2] as string), { recursive: true });
    expect((await prune()).pruned).toEqual({ kept: [], removed: [] });
  });

  describe('each day', () => {
    const start = async (clock: ManualClock, environment = {}, given?: { url: string; folder: string }) => {
      const { url, folder } = given ?? { url: (await filled()).url, folder: world.folder() };
      const place = { url, folder };
      return {
        ...(await tools({ ...place, clock, environment: { SERVER_TOOLS_BACKUP_HOUR: '3', ...environment } })),
        ...place,
      };
    };
    const startedAt = async ({ client }: Tools) =>
      (await client.listBackups()).backups.map((each) => each.startedAt?.slice(0, 16));

    /** Lets the worker come to its rest before the clock moves on. */
    const advance = async (each: Tools, clock: ManualClock, byMs: number) => {
      for (let doneMs = 0; doneMs < byMs; doneMs += HOUR_MS) {
        await clock.advance(HOUR_MS);
        await each.stack.idle();
      }
    };

    it('one is taken at the hour that is set, verified, and the old ones go; the first at once', async () => {
      const clock = createManualClock(Date.UTC(2026, 0, 1, 12));
      const each = await start(clock, { SERVER_TOOLS_BACKUP_KEEP: '2' });
      await each.stack.idle();
      expect(await startedAt(each)).toEqual(['2026-01-01T12:00']);
      await advance(each, clock, 14 * HOUR_MS);
      expect(await startedAt(each)).toEqual(['2026-01-01T12:00']);
      await advance(each, clock, HOUR_MS);
      expect(await startedAt(each)).toEqual(['2026-01-02T03:00', '2026-01-01T12:00']);
      await advance(each, clock, 2 * DAY_MS);
      expect(await startedAt(each)).toEqual(['2026-01-04T03:00', '2026-01-03T03:00']);
      const { jobs } = await each.client.listJobs();
      expect(jobs.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(
        ['dump', 'verify', 'prune'].flatMap((kind) => Array(4).fill(`${kind} done`)).sort(),
      );
    });

    it('one is made good where the service was off at the hour, and none is taken twice', async () => {
      const clock = createManualClock(Date.UTC(2026, 0, 1, 12));
      const first = await start(clock);
      await first.stack.idle();
      await first.close();
      open.pop();
      await clock.advance(DAY_MS);
      const second = await start(clock, {}, first);
      await second.stack.idle();
      expect(await startedAt(second)).toEqual(['2026-01-02T12:00', '2026-01-01T12:00']);
      await second.close();
      open.pop();
      await clock.advance(HOUR_MS);
      const third = await start(clock, {}, first);
      await third.stack.idle();
      expect(await startedAt(third)).toHaveLength(2);
    });

    it('one that was taken while the clock was years ahead puts off no other', async () => {
      const ahead = createManualClock(Date.UTC(2030, 0, 1, 12));
      const first = await start(ahead);
      await first.stack.idle();
      await first.close();
      open.pop();
      const second = await start(createManualClock(Date.UTC(2026, 0, 1, 12)), {}, first);
      await second.stack.idle();
      expect(await startedAt(second)).toEqual(['2030-01-01T12:00', '2026-01-01T12:00']);
    });

    it('one that fails is tried again after ten minutes, and nothing is pruned', async () => {
      const clock = createManualClock(Date.UTC(2026, 0, 1, 12));
      const folder = world.folder();
      const { url } = await filled();
      const file = join(folder, 'backups');
      writeFileSync(file, '');
      const each = await start(clock, {}, { url, folder: file });
      await each.stack.idle();
      expect(
        each.stack.logLines.filter(({ msg }) => msg === 'the daily backup could not be taken'),
      ).toHaveLength(1);
      rmSync(file);
      await clock.advance(599_000);
      await each.stack.idle();
      expect(await startedAt(each)).toEqual([]);
      await clock.advance(1_000);
      await each.stack.idle();
      expect(await startedAt(each)).toEqual(['2026-01-01T12:10']);
    });

    it('none is taken where no hour is set', async () => {
      const clock = createManualClock(Date.UTC(2026, 0, 1, 12));
      const { url } = await filled();
      const each = await tools({ url, folder: world.folder(), clock });
      await advance(each, clock, 2 * DAY_MS);
      expect(await startedAt(each)).toEqual([]);
    });
  });
});
