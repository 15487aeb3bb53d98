/** The program in a process of its own: answers, sentences and exit statuses of its commands. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoMongoWire } from '../../../tools/test-servers.mjs';
import { kitHandler, serveHttp } from './diag-world.ts';
import { type Gatekeeper, startGatekeeper } from './gatekeeper.ts';
import { buildProgram, type Program } from './program.ts';
import { contentOf, filesIn, startWorld, type World } from './world.ts';

const PASSWORD = 'hunter2-very-secret';
const NOWHERE = `mongodb://lucid:${PASSWORD}@127.0.0.1:1/d`;
let program: Program;
let folder: string;
beforeAll(() => {
  program = buildProgram();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-c-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => program.dispose());

const environment = (more: Record<string, string> = {}) => ({
  MONGO_URL: NOWHERE,
  SERVER_TOOLS_BACKUP_DIR: folder,
  SERVER_TOOLS_STORE_TIMEOUT_MS: '200',
  SERVER_TOOLS_PROBE_TIMEOUT_MS: '500',
  ...more,
});
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) as string;

describe('wrong usage and settings end with 2 and say what is meant', () => {
  it.each([
    [['mongo'], 'there is no command "mongo"'],
    [['mongo', 'burn'], 'there is no command "mongo burn"'],
    [['mongo', 'verify'], 'an argument is missing'],
    [['mongo', 'dump', 'now'], 'there is no place for the argument "now"'],
    [['mongo', 'restore', 'x', '--force'], "Unknown option '--force'"],
    [['mongo', 'prune', '--keep', 'all'], '--keep must be a whole number from 1'],
    [['mongo', 'prune', '--days', '0'], '--days must be a whole number from 1'],
    [['diag', 'weather'], 'there is no check "weather"'],
    [['diag', 'disk', 'redis'], 'diag disk takes no service'],
  ])('%j', async (words, sentence) => {
    const { code, stdout, stderr } = await program.run(words, environment());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('usage:');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'no store',
      { MONGO_URL: '' },
      /MONGO_URL: .*mongodb:\/\/USER:PASSWORD@HOST:PORT\/DATABASE.*set MONGO_URL_FILE/,
    ],
    [
      'a store that is none',
      { MONGO_URL: `postgres://u:${PASSWORD}@h/d` },
      /MONGO_URL: mongodb:\/\/USER:PASSWORD@/,
    ],
    [
      'a password that is not in percent',
      { MONGO_URL: `mongodb://u:${PASSWORD}/%@h/d` },
      /written in percent/,
    ],
    ['a cache that is none', { REDIS_URL: PASSWORD }, /REDIS_URL: redis:\/\/:PASSWORD@HOST:PORT/],
    ['an hour that is none', { SERVER_TOOLS_BACKUP_HOUR: '24' }, /SERVER_TOOLS_BACKUP_HOUR: .*from 0 to 23/],
    ['none to keep', { SERVER_TOOLS_BACKUP_KEEP: '0' }, /SERVER_TOOLS_BACKUP_KEEP: .*from 1/],
    [
      'a recipient that is none',
      { SERVER_TOOLS_BACKUP_RECIPIENT: `age1${'q'.repeat(58)}` },
      /SERVER_TOOLS_BACKUP_RECIPIENT: an age recipient/,
    ],
    [
      'an identity that is none',
      { SERVER_TOOLS_BACKUP_IDENTITY: `AGE-SECRET-KEY-1${'Q'.repeat(58)}` },
      /SERVER_TOOLS_BACKUP_IDENTITY: an age identity/,
    ],
    [
      'a place without a port',
      { SESSION_API_URL: 'http://session-api' },
      /SESSION_API_URL: an address with a port/,
    ],
    ['an onion service that is none', { SERVER_TOOLS_ONION: 'example.org' }, /SERVER_TOOLS_ONION/],
  ])('%s', async (_name, wrong, sentence) => {
    const { code, stdout, stderr } = await program.run(['mongo', 'list'], environment(wrong));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    for (const secret of [PASSWORD, 'Q'.repeat(58)]) expect(stderr).not.toContain(secret);
  });

  it('help lists every command', async () => {
    const { code, stdout } = await program.run(['help'], environment());
    expect(code).toBe(0);
    for (const command of [
      'diag',
      'mongo dump',
      'mongo verify',
      'mongo restore',
      'mongo list',
      'mongo prune',
      'mongo stats',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${command}(?: |$)`, 'm'));
  });
});

it('a store that is not there ends with 1, in one line, without its address or password', async () => {
  for (const words of [
    ['mongo', 'stats'],
    ['mongo', 'dump'],
  ]) {
    const { code, stdout, stderr } = await program.run(words, environment());
    expect([words, code, stdout]).toEqual([words, 1, '']);
    expect(JSON.parse(lastLine(stderr))).toMatchObject({ code: 'store_unreachable' });
    expect(stderr).not.toContain(PASSWORD);
  }
});

describe('diag', () => {
  it('ends with 0 where all is well, and with 3 where not, with the report on standard output', async () => {
    const server = await serveHttp(kitHandler());
    try {
      const well = await program.run(
        ['diag', 'http', 'session-api'],
        environment({ SESSION_API_URL: server.url }),
      );
      expect([well.code, JSON.parse(well.stdout).outcome]).toEqual([0, 'ok']);
      const ill = await program.run(
        ['diag', 'tcp', 'session-api'],
        environment({ SESSION_API_URL: 'http://127.0.0.1:1' }),
      );
      expect([ill.code, JSON.parse(ill.stdout).outcome]).toEqual([3, 'failed']);
      expect(JSON.parse((await program.run(['diag', 'disk'], environment())).stdout).results[0].target).toBe(
        folder,
      );
      const unknown = await program.run(['diag', 'dns', 'localhost'], environment());
      expect([unknown.code, JSON.parse(lastLine(unknown.stderr)).code]).toEqual([1, 'target_unknown']);
    } finally {
      await server.stop();
    }
  });
});

describeWhere(whyNoMongoWire(), 'commands on a MongoDB wire server')('mongo', () => {
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

  const answer = async (words: readonly string[], given: Record<string, string>, code = 0) => {
    const run = await program.run(words, given);
    expect([words, run.code, run.stderr]).toEqual([words, code, '']);
    return JSON.parse(run.stdout);
  };

  it('dump, list, show, verify, stats, restore and prune answer one JSON value each', async () => {
    const from = world.database();
    await from.db.collection('one').insertMany([{ n: 1 }, { n: 2 }]);
    const given = environment({ MONGO_URL: from.url });
    const { name, documents } = await answer(['mongo', 'dump'], given);
    expect(documents).toBe(2);
    expect((await answer(['mongo', 'list'], given)).backups).toMatchObject([{ name, state: 'finished' }]);
    expect(await answer(['mongo', 'show', name], given)).toMatchObject({
      format: 'lucid-mongo-backup/1',
      name,
    });
    expect(await answer(['mongo', 'verify', name], given)).toMatchObject({ ok: true });
    expect((await answer(['mongo', 'stats'], given)).totals.documents).toBe(2);
    const to = world.database();
    const into = environment({ MONGO_URL: to.url });
    expect(await answer(['mongo', 'restore', name], into)).toMatchObject({
      database: to.name,
      resumed: false,
    });
    expect(await contentOf(to.db)).toEqual(await contentOf(from.db));
    expect(await answer(['mongo', 'prune', '--keep', '1'], given)).toEqual({ kept: [name], removed: [] });
    expect(
      (await answer(['mongo', 'jobs'], given)).jobs.map(({ kind }: { kind: string }) => kind).sort(),
    ).toEqual([...['dump', 'prune', 'restore', 'verify']]);

    const again = await program.run(['mongo', 'restore', name], into);
    expect([again.code, again.stdout]).toEqual([1, '']);
    expect(JSON.parse(lastLine(again.stderr))).toMatchObject({
      code: 'database_not_empty',
      title: expect.stringContaining('holds documents already'),
      detail: `Collection one of ${to.name} holds documents.`,
    });
    expect(await answer(['mongo', 'restore', name, '--replace'], into)).toMatchObject({ dropped: [] });

    const data = filesIn(join(folder, name)).find((each) => each.endsWith('one.bson.gz')) as string;
    writeFileSync(join(folder, name, data), 'x');
    expect(await answer(['mongo', 'verify', name], given, 3)).toMatchObject({
      ok: false,
      faults: [{ file: data }],
    });
    const damaged = await program.run(['mongo', 'restore', name, '--replace'], into);
    expect([damaged.code, JSON.parse(lastLine(damaged.stderr))]).toMatchObject([
      1,
      { code: 'backup_damaged' },
    ]);
    const unknown = await program.run(['mongo', 'verify', 'nothing'], given);
    expect([unknown.code, JSON.parse(lastLine(unknown.stderr))]).toMatchObject([
      1,
      { code: 'backup_unknown' },
    ]);
  }, 120_000);

  it('a dump that is told to stop leaves nothing; one at a time, whoever runs it', async () => {
    const from = world.database();
    await from.db.collection('one').insertOne({ n: 1 });
    const given = environment({ MONGO_URL: new URL(from.name, keeper.url).href });
    keeper.closeFor('find');
    const { child, ended } = program.start(['mongo', 'dump'], given);
    await keeper.whenHeld();
    const other = await program.run(['mongo', 'dump'], environment({ MONGO_URL: from.url }));
    expect([other.code, JSON.parse(lastLine(other.stderr)).code]).toEqual([1, 'job_running']);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(1);
    keeper.open();
    expect((await answer(['mongo', 'list'], given)).backups).toEqual([]);
    expect((await answer(['mongo', 'jobs'], given)).jobs).toMatchObject([
      { kind: 'dump', state: 'interrupted' },
    ]);
    expect(filesIn(folder).filter((each) => !each.startsWith('.jobs/'))).toEqual([]);
  }, 120_000);

  it('is done by the service where it runs: its jobs can be looked at and cancelled', async () => {
    const from = world.database();
    await from.db.collection('one').insertOne({ n: 1 });
    const given = environment({ MONGO_URL: new URL(from.name, keeper.url).href, LOG_LEVEL: 'info' });
    const service = program.start([], given);
    const quiet = { ...given, LOG_LEVEL: 'warn' };
    await new Promise<void>((resolve) => {
      service.child.stdout?.on('data', (part: Buffer) => part.includes('listening') && resolve());
    });
    expect((await program.run(['health'], quiet)).code).toBe(0);
    keeper.closeFor('find');
    const dumping = program.start(['mongo', 'dump'], quiet);
    await keeper.whenHeld();
    const { jobs } = await answer(['mongo', 'jobs'], quiet);
    expect(jobs).toMatchObject([{ kind: 'dump', state: 'running' }]);
    expect(await answer(['mongo', 'cancel', jobs[0].jobId], quiet)).toMatchObject({ state: 'cancelled' });
    const { code, stderr } = await dumping.ended;
    expect([code, JSON.parse(lastLine(stderr)).detail]).toEqual([1, 'the job was cancelled']);
    keeper.open();
    expect(await answer(['mongo', 'dump'], quiet)).toMatchObject({ state: 'finished' });
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
  }, 120_000);
});
