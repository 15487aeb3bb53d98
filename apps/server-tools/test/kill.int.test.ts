/**
 * Dump and restore are killed, or lose their store, anywhere: between any two requests and at any write to the disk. What is left
 * says what it is.
 */
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
/** Of each kind. */
const POINTS = Number(process.env.LUCID_KILLS ?? 4);

/** Where in a conversation with the store it ends, and how: the process is killed, the store is gone, or gone for a moment. */
interface Point {
  readonly requests: number;
  readonly when: 'asked' | 'answered';
  readonly by: 'kill' | 'cut' | 'blink';
}

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
  async function endedAt(
    words: readonly string[],
    environment: Record<string, string>,
    point: Point,
  ): Promise<void> {
    const { child, ended } = program.start(words, environment);
    const ends = {
      kill: () => void child.kill('SIGKILL'),
      cut: () => keeper.cut(),
      blink: () => keeper.cut('take'),
    };
    keeper.at(keeper.requests.length + point.requests, point.when, ends[point.by]);
    const { code } = await ended;
    // Who loses the store behind its last answer may have all it wanted.
    expect(point.by === 'kill' ? [null] : [0, 1]).toContain(code);
    keeper.open();
  }

  /** Its last request, both sides of the one by which a restore says that it begins to put collections in place, and some others. */
  const pointsIn = (requests: readonly string[], by: Point['by']): Point[] => {
    const ready = requests.lastIndexOf('update') + 1;
    const chosen = ready === 0 ? [requests.length] : [requests.length, ready, ready];
    return Array.from({ length: POINTS }, (_, n) => ({
      requests: chosen[n] ?? 1 + random.below(requests.length),
      when: n === 1 ? 'asked' : n === 2 ? 'answered' : random.pick(['asked', 'answered'] as const),
      by,
    }));
  };

  const json = (text: string) => JSON.parse(text);

  it('of a dump between any two requests leaves no backup, and the next one is whole', async () => {
    const { name, db } = await filled();
    const folder = world.folder();
    const environment = environmentOf(name, folder);
    expect(await program.run(['mongo', 'dump'], environment)).toMatchObject({ code: 0, stderr: '' });
    const requests = [...keeper.requests];
    expect(requests.length).toBeGreaterThan(10);
    for (const point of pointsIn(requests, 'kill')) {
      await endedAt(['mongo', 'dump'], environment, point);
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

  type Before = 'nothing' | 'documents' | 'a mixture';

  /** A restore that was killed while it put collections in place. */
  const mix = (environment: Record<string, string>, backup: string) =>
    killedAt('renameCollection', ['mongo', 'restore', backup], environment);

  /** Runs until it asks the store for this the first time, which the store never hears. */
  async function killedAt(request: string, words: readonly string[], environment: Record<string, string>) {
    keeper.closeFor(request);
    const { child, ended } = program.start(words, environment);
    await keeper.whenHeld();
    child.kill('SIGKILL');
    await ended;
    keeper.open();
  }

  async function expectSurvived(there: Before, by: Point['by']) {
    const from = await filled();
    const wanted = await contentOf(from.db);
    const folder = world.folder();
    const source = environmentOf(from.name, folder);
    const dumped = async () => json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const [other, backup] = [await dumped(), await dumped()];
    const restore = ['mongo', 'restore', backup, ...(there === 'nothing' ? [] : ['--replace'])];
    const prepared = async () => {
      const to = world.database();
      const environment = environmentOf(to.name, folder);
      if (there === 'documents') {
        await to.db.collection('one').insertMany([{ old: 1 }, { old: 2 }]);
        await to.db.collection('old').insertOne({ old: 3 });
      }
      if (there === 'a mixture') await mix(environment, other);
      return { ...to, before: withoutRestore(await contentOf(to.db)), environment };
    };
    const first = await prepared();
    const counted = keeper.requests.length;
    expect(await program.run(restore, first.environment)).toMatchObject({ code: 0, stderr: '' });
    const requests = keeper.requests.slice(counted);
    expect(await contentOf(first.db)).toEqual(wanted);
    for (const point of pointsIn(requests, by)) {
      const { db, before, environment } = await prepared();
      await endedAt(restore, environment, point);
      const phase = await expectTold(db, { ...{ before, wanted, environment, there } });
      if (phase === 'over') continue;
      // A cut off restore goes on by itself; one that had not touched anything is asked for as it was.
      const again = phase === 'swapping' ? ['mongo', 'restore', backup] : restore;
      const resumed = await program.run(again, environment);
      expect([point, phase, resumed.stderr, resumed.code]).toEqual([point, phase, '', 0]);
      expect(json(resumed.stdout).resumed).toBe(phase === 'swapping');
      expect(await contentOf(db)).toEqual(wanted);
      const { collections } = json((await program.run(['mongo', 'stats'], environment)).stdout);
      expect(collections.find((each: { name: string }) => each.name === 'one').indexes).toBe(2);
    }
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
      readonly there: Before;
    },
  ): Promise<'untouched' | 'swapping' | 'over'> {
    const { stdout } = await program.run(['mongo', 'stats'], given.environment);
    const { restoring } = json(stdout);
    if (restoring?.mixedWith !== undefined) {
      const dump = await program.run(['mongo', 'dump'], given.environment);
      expect([dump.code, dump.stderr]).toEqual([1, expect.stringContaining('"restore_interrupted"')]);
    }
    if (restoring?.phase === 'swapping' && restoring.mixedWith === restoring.backup) {
      // Of an earlier restore that was cut off, it is not this one's to go on.
      if (given.there !== 'a mixture' || restoring.backup !== (await firstOf(given.environment)))
        return 'swapping';
      return 'untouched';
    }
    const content = await contentOf(db);
    if (restoring === undefined && JSON.stringify(content) === JSON.stringify(given.wanted)) return 'over';
    expect(withoutRestore(content)).toEqual(given.before);
    expect(restoring?.mixedWith === undefined).toBe(given.there !== 'a mixture');
    return 'untouched';
  }

  /** The backup that was taken first. */
  const firstOf = async (environment: Record<string, string>): Promise<string> =>
    json((await program.run(['mongo', 'list'], environment)).stdout).backups.at(-1).name;

  it.each<[Before, Point['by'], string]>([
    ['nothing', 'kill', 'leaves nothing, or what says how to go on'],
    ['documents', 'kill', 'leaves what was there, or what says how to go on'],
    ['a mixture', 'kill', 'leaves what says how to go on'],
    ['documents', 'cut', 'leaves what was there, or what says how to go on'],
    ['a mixture', 'blink', 'leaves what says how to go on'],
  ])('of a restore over %s (%s) %s', (there, by) => expectSurvived(there, by), 240_000);

  it('while collections are put in place: only that backup goes on; another one only replaces', async () => {
    const from = await filled();
    const wanted = await contentOf(from.db);
    const folder = world.folder();
    const source = environmentOf(from.name, folder);
    const backup = json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const other = json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const to = world.database();
    const environment = environmentOf(to.name, folder);
    await mix(environment, backup);
    const refused = await program.run(['mongo', 'restore', other], environment);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`restore_interrupted`);
    expect(refused.stderr).toContain(`It was of ${backup}`);
    expect(await program.run(['mongo', 'restore', other, '--replace'], environment)).toMatchObject({
      code: 0,
    });
    expect(await contentOf(to.db)).toEqual(wanted);
  });

  it('of another one at its first steps takes nothing from the one that is to go on', async () => {
    const from = await filled();
    const wanted = await contentOf(from.db);
    const folder = world.folder();
    const source = environmentOf(from.name, folder);
    const dumped = async () => json((await program.run(['mongo', 'dump'], source)).stdout).name as string;
    const backup = await dumped();
    await from.db.collection('one').insertOne({ n: 300 });
    const other = await dumped();
    const to = world.database();
    const environment = environmentOf(to.name, folder);
    // As many documents as the backup has: counting them tells nothing.
    for (const name of Object.keys(wanted))
      await to.db.collection(name).insertMany(Array.from({ length: 300 }, (_, old) => ({ old })));
    await killedAt('renameCollection', ['mongo', 'restore', backup, '--replace'], environment);
    await killedAt('update', ['mongo', 'restore', other, '--replace'], environment);
    expect(await program.run(['mongo', 'restore', backup], environment)).toMatchObject({ code: 0 });
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
      for (let round = 0; round < 4 * POINTS; round += 1) {
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
