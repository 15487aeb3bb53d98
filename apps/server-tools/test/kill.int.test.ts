/** Dump and restore are killed anywhere, between any two requests to the store and at any write to the disk; what is left says what it is. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { seeded, seedOfRun } from '../../../e2e/stack/seeded.ts';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { type Gatekeeper, startGatekeeper } from './gatekeeper.ts';
import { buildProgram, type Program, whyNoStrace } from './program.ts';
import { contentOf, startWorld, type World } from './world.ts';

const random = seeded(seedOfRun('kills of dump and restore'));
const POINTS = 8;

let world: World;
let program: Program;
let keeper: Gatekeeper;

const onServer = describeWhere(whyNoMongoWire(), 'backups on a MongoDB wire server');

onServer('a kill', () => {
  beforeAll(async () => {
    world = await startWorld();
    program = buildProgram();
  }, 300_000);
  beforeEach(async () => {
    keeper = await startGatekeeper(world.server.url);
  });
  afterEach(() => keeper.stop());
  afterAll(async () => {
    program?.dispose();
    await world?.dispose();
  });

  const environmentOf = (name: string, folder: string) => ({
    MONGO_URL: new URL(name, keeper.url).href,
    SERVER_TOOLS_BACKUP_DIR: folder,
  });

  async function filled() {
    const database = world.database();
    await database.db.collection('one').insertMany(Array.from({ length: 300 }, (_, n) => ({ n })));
    await database.db.collection('one').createIndex({ n: 1 }, { unique: true, name: 'n' });
    await database.db.collection('evidence.files').insertOne({ x: 1 });
    await database.db.collection('evidence.chunks').insertMany([{ y: 1 }, { y: 2 }]);
    await database.db.createCollection('none');
    return database;
  }

  /** Runs to its end and counts, then again to each of some points, where it is killed. */
  async function killedAt(
    words: readonly string[],
    environment: Record<string, string>,
    point: { readonly requests: number; readonly when: 'asked' | 'answered' },
  ): Promise<void> {
    const { child, ended } = program.start(words, environment);
    keeper.at(keeper.requests.length + point.requests, point.when, () => child.kill('SIGKILL'));
    expect(await ended).toMatchObject({ code: null });
  }

  const pointsIn = (requests: number) =>
    Array.from({ length: POINTS }, (_, n) => ({
      requests: n === 0 ? requests : 1 + random.below(requests),
      when: random.pick(['asked', 'answered'] as const),
    }));

  const json = (text: string) => JSON.parse(text);

  it('of a dump between any two requests leaves no backup, and the next one is whole', async () => {
    const { name, db } = await filled();
    const folder = world.folder();
    const environment = environmentOf(name, folder);
    expect(await program.run(['mongo', 'dump'], environment)).toMatchObject({ code: 0, stderr: '' });
    const requests = keeper.requests.length;
    expect(requests).toBeGreaterThan(10);
    for (const point of pointsIn(requests)) {
      await killedAt(['mongo', 'dump'], environment, point);
      const { stdout } = await program.run(['mongo', 'list'], environment);
      expect([point, json(stdout).backups.length]).toEqual([point, 1]);
    }
    expect(readdirSync(folder).some((each) => each.startsWith('.partial-'))).toBe(true);
    const { stdout } = await program.run(['mongo', 'dump'], environment);
    expect(readdirSync(folder).some((each) => each.startsWith('.partial-'))).toBe(false);
    const backup = json(stdout).name;
    expect(await program.run(['mongo', 'verify', backup], environment)).toMatchObject({ code: 0 });
    const { jobs } = json((await program.run(['mongo', 'jobs'], environment)).stdout);
    expect(jobs.map(({ state }: { state: string }) => state).sort()).toEqual(
      [...Array(POINTS).fill('interrupted'), 'done', 'done', 'done'].sort(),
    );
    expect(await contentOf(db)).not.toEqual({});
  });

  async function expectKillsSurvived(options: { readonly replaces: boolean }) {
    const from = await filled();
    const wanted = await contentOf(from.db);
    const folder = world.folder();
    const { stdout } = await program.run(['mongo', 'dump'], environmentOf(from.name, folder));
    const backup = json(stdout).name as string;
    const restore = ['mongo', 'restore', backup, ...(options.replaces ? ['--replace'] : [])];
    const prepared = async () => {
      const to = world.database();
      if (options.replaces) {
        await to.db.collection('one').insertMany([{ old: 1 }, { old: 2 }]);
        await to.db.collection('old').insertOne({ old: 3 });
      }
      return { ...to, before: await contentOf(to.db), environment: environmentOf(to.name, folder) };
    };
    const first = await prepared();
    const counted = keeper.requests.length;
    expect(await program.run(restore, first.environment)).toMatchObject({ code: 0, stderr: '' });
    const requests = keeper.requests.length - counted;
    expect(await contentOf(first.db)).toEqual(wanted);
    const seen = new Set<string>();
    for (const point of pointsIn(requests)) {
      const { db, before, environment } = await prepared();
      await killedAt(restore, environment, point);
      const phase = await expectTold(db, { before, wanted, environment });
      seen.add(phase);
      // A cut off restore goes on by itself; one that had not touched anything is asked for as it was.
      const again = phase === 'swapping' ? ['mongo', 'restore', backup] : restore;
      if (phase === 'over') continue;
      const resumed = await program.run(again, environment);
      expect([point, phase, resumed.stderr, resumed.code]).toEqual([point, phase, '', 0]);
      expect(json(resumed.stdout).resumed).toBe(phase === 'swapping');
      expect(await contentOf(db)).toEqual(wanted);
      const { indexes } = json((await program.run(['mongo', 'stats'], environment)).stdout).collections.find(
        (each: { name: string }) => each.name === 'one',
      );
      expect(indexes).toBe(2);
    }
    expect(seen.has('swapping') || seen.has('untouched')).toBe(true);
  }

  const withoutRestore = (content: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(content).filter(([name]) => !name.startsWith('_restore')));

  /** The database is as it was, or as the backup is, or says that it is neither; then no dump is taken. */
  async function expectTold(
    db: Db,
    given: {
      readonly before: Record<string, string[]>;
      readonly wanted: Record<string, string[]>;
      readonly environment: Record<string, string>;
    },
  ): Promise<'untouched' | 'swapping' | 'over'> {
    const { stdout } = await program.run(['mongo', 'stats'], given.environment);
    const { restoring } = json(stdout);
    const content = withoutRestore(await contentOf(db));
    if (restoring?.phase === 'swapping') {
      const dump = await program.run(['mongo', 'dump'], given.environment);
      expect([dump.code, dump.stderr]).toEqual([1, expect.stringContaining('"restore_interrupted"')]);
      return 'swapping';
    }
    if (restoring === undefined && JSON.stringify(content) === JSON.stringify(given.wanted)) return 'over';
    expect(content).toEqual(given.before);
    return 'untouched';
  }

  it(
    'of a restore into nothing leaves nothing, or what says how to go on',
    () => expectKillsSurvived({ replaces: false }),
    240_000,
  );

  it(
    'of a restore that replaces leaves what was there, or what says how to go on',
    () => expectKillsSurvived({ replaces: true }),
    240_000,
  );

  it('while collections are put in place: only that backup goes on; another one only replaces', async () => {
    const from = await filled();
    const wanted = await contentOf(from.db);
    const folder = world.folder();
    const source = environmentOf(from.name, folder);
    const backup = json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const other = json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const to = world.database();
    const environment = environmentOf(to.name, folder);
    keeper.closeFor('renameCollection');
    const { child, ended } = program.start(['mongo', 'restore', backup], environment);
    await keeper.whenHeld();
    child.kill('SIGKILL');
    await ended;
    keeper.open();
    const refused = await program.run(['mongo', 'restore', other], environment);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`restore_interrupted`);
    expect(refused.stderr).toContain(`It was of ${backup}`);
    expect(await program.run(['mongo', 'restore', other, '--replace'], environment)).toMatchObject({
      code: 0,
    });
    expect(await contentOf(to.db)).toEqual(wanted);
  });

  const traced = describeWhere(whyNoStrace(), 'kills of a dump at each write to the disk');
  traced('at any write to the disk', () => {
    it('leaves no backup, or a whole one', async () => {
      const { name } = await filled();
      const folder = world.folder();
      const environment = { ...environmentOf(name, folder), UV_THREADPOOL_SIZE: '1' };
      const calls = ['fsync', 'rename', 'unlink,unlinkat,rmdir', 'mkdir', 'pwrite64,write'];
      let killed = 0;
      for (let round = 0; round < 2 * POINTS; round += 1) {
        const set = calls[round % calls.length] as string;
        const when = 1 + random.below(set === 'fsync' ? 16 : 8);
        const strace = [
          'strace',
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `trace=${set}`,
          '-e',
          `inject=${set}:signal=KILL:when=${when}`,
        ];
        const run = await program.start(['mongo', 'dump'], environment, strace).ended;
        if (run.code !== 0) killed += 1;
        const listed = json((await program.run(['mongo', 'list'], environment)).stdout);
        for (const { name: backup, state } of listed.backups) {
          expect([set, when, backup, state]).toEqual([set, when, backup, 'finished']);
          expect(existsSync(join(folder, backup, 'manifest.json'))).toBe(true);
        }
        const newest = listed.backups[0]?.name;
        if (newest !== undefined)
          expect([set, when, (await program.run(['mongo', 'verify', newest], environment)).code]).toEqual([
            set,
            when,
            0,
          ]);
      }
      expect(killed).toBeGreaterThan(POINTS / 2);
      expect(await program.run(['mongo', 'dump'], environment)).toMatchObject({ code: 0 });
    }, 240_000);
  });
});
