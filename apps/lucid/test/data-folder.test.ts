/** The data folder as users move, lose and mistype it: what each command says of it, and that looking makes nothing. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  DataFolder,
  type Ended,
  errorOf,
  lastJson,
  program,
  type SessionJson,
  testBuilt,
} from './program.ts';

let data: DataFolder;
beforeEach(() => {
  data = new DataFolder();
});
afterEach(() => data.remove());

const file = (name: string, content = 'x'): string => {
  const path = join(data.folder, name);
  writeFileSync(path, content);
  return path;
};
const at = (home: string) => ({ LUCID_HOME: home });
const json = (args: readonly string[], home = data.home): Promise<Ended> =>
  data.run([...args, '--json'], 'ignore', at(home));

const ID = 'abcd1234';
const READING = [
  ['list'],
  ['show', ID],
  ['retry', ID],
  ['verify', ID],
  ['open', ID],
  ['export', ID],
  ['play', ID],
  ['keys', 'list'],
  ['keys', 'list', ID],
  ['keys', 'revoke', ID, 'owner'],
] as const;
const making = () => [
  ['seal', file('source')],
  ['up', '--port', '0'],
  ['keys', 'new'],
];

/** What doctor says of the folder; it ends with one object like every command, but that is its findings. */
async function doctorAt(home: string) {
  const run = await json(['doctor'], home);
  const { ok, checks } = lastJson(run) as {
    ok: boolean;
    checks: { name: string; status: string; text: string; advice?: string }[];
  };
  return { status: run.status, ok, failed: checks.filter(({ status }) => status === 'fail'), checks };
}

async function expectUnusable(home: string, run = (args: readonly string[]) => json(args, home)) {
  for (const args of [...READING, ...making(), ['record', '--', 'true']]) {
    const ended = await (args[0] === 'record' ? run(['record', '--json', '--', 'true']) : run(args));
    expect({ args, status: ended.status, stderr: ended.stderr }).toEqual({
      args,
      status: 3,
      stderr: expect.stringMatching(/^lucid: [^\n]+\.\n$/),
    });
    expect(ended.stderr).not.toMatch(/\bE[A-Z]{4,}\b/);
  }
}

testBuilt('looking where no data folder is makes none, and says how one is made', async () => {
  for (const args of READING) {
    const run = await json(args);
    expect({ args, status: run.status, error: errorOf(run) }).toEqual({
      args,
      status: 3,
      error: 'data_folder_missing',
    });
    expect(run.stderr).toMatch(/no data folder at .*\/home.*lucid record/);
  }
  expect(await doctorAt(data.home)).toMatchObject({
    status: 3,
    ok: false,
    failed: [{ name: 'data folder', text: expect.stringContaining('lucid record') }],
  });
  expect((await data.run(['__complete'])).status).toBe(0);
  expect(readdirSync(data.folder)).toEqual([]);
  mkdirSync(data.home);
  expect(errorOf(await json(['list']))).toBe('data_folder_missing');
  expect(readdirSync(data.home)).toEqual([]);
});

testBuilt('keys new makes a data folder; until the first recording it has no keys to sign with', async () => {
  expect((await data.run(['keys', 'new'])).status).toBe(0);
  const run = await json(['list']);
  expect([run.status, errorOf(run)]).toEqual([3, 'data_folder_missing']);
  expect((await doctorAt(data.home)).status).toBe(3);
  await data.session(['seal', file('a')]);
  expect((await json(['list'])).status).toBe(0);
});

testBuilt(
  'a file in the place of a data folder',
  async () => {
    await expectUnusable(file('plain'));
    expect((await doctorAt(file('plain'))).failed.map(({ name }) => name)).toEqual(['data folder']);
  },
  180_000,
);

testBuilt.each(['keys', 'sessions', 'documents', 'ledger', 'run', 'seen'])(
  '%s of a data folder is a file: told by all that look into it',
  async (part) => {
    const { sessionId } = await data.session(['seal', file('a')]);
    rmSync(join(data.home, part), { recursive: true });
    writeFileSync(join(data.home, part), '');
    for (const args of [
      ['list'],
      ['verify', sessionId],
      ['open', sessionId],
      ['keys', 'list'],
      ['seal', 'a'],
    ]) {
      const run = await json(args);
      expect({ args, status: run.status, error: errorOf(run) }).toEqual({
        args,
        status: 3,
        error: 'data_folder_unusable',
      });
      expect(run.stderr).toContain(join(data.home, part));
    }
    expect(await doctorAt(data.home)).toMatchObject({ status: 3, failed: [{ name: 'data folder' }] });
  },
);

const nobody = (args: readonly string[], home: string): Ended => {
  const { status, signal, stdout, stderr } = spawnSync(
    'setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, program, ...args, '--json'],
    { cwd: '/', env: { ...data.env, ...at(home) } as NodeJS.ProcessEnv },
  );
  return { status, signal, stdout, stderr: stderr.toString() };
};

function whyNotAsAnother(): string | null {
  if (process.getuid?.() !== 0) return 'only root may become another user';
  return spawnSync('setpriv', ['--version']).status === 0 ? null : 'there is no setpriv';
}
const notAnother = whyNotAsAnother();
if (notAnother) console.warn(`skipped: ${notAnother}`);
const testAsAnother = notAnother ? test.skip : testBuilt;

testAsAnother(
  'the data folder of another user, as a whole and in parts',
  async () => {
    await data.session(['seal', file('a')]);
    chmodSync(data.folder, 0o755);
    await expectUnusable(data.home, async (args) => {
      const words = args[0] === 'record' ? ['record'] : args;
      return nobody(words, data.home);
    });
    for (const part of ['keys', 'sessions', 'documents', 'ledger', 'run', 'seen']) {
      const home = join(data.folder, `not-${part}`);
      cpSync(data.home, home, { recursive: true });
      spawnSync('chown', ['-R', '65534', home]);
      spawnSync('chown', ['0', join(home, part)]);
      for (const args of [
        ['list'],
        ['keys', 'list'],
        ['verify', ID],
        ['seal', '/etc/hostname'],
        ['doctor'],
      ]) {
        const run = nobody(args, home);
        expect({ part, args, status: run.status }).toEqual({ part, args, status: 3 });
        expect(run.stderr).not.toMatch(/EACCES|\n +at /);
      }
    }
  },
  180_000,
);

function mounted(words: readonly string[], work: (folder: string) => Promise<void>) {
  return async () => {
    const folder = join(data.folder, 'mounted');
    mkdirSync(folder);
    const mount = spawnSync('mount', [...words, folder], { encoding: 'utf8' });
    if (mount.status !== 0) {
      if (process.env.CI) throw new Error(`cannot mount: ${mount.stderr}`);
      console.warn(`skipped: cannot mount: ${mount.stderr}`);
      return;
    }
    try {
      await work(folder);
    } finally {
      spawnSync('umount', [folder]);
    }
  };
}

testBuilt(
  'a read-only file system: what is there can be read, all else is told',
  mounted(['-t', 'tmpfs', '-o', 'size=64m', 'none'], async (folder) => {
    const home = join(folder, 'home');
    const sealed = await data.run(['seal', '--json', file('a')], 'ignore', at(home));
    const { sessionId } = lastJson(sealed) as SessionJson;
    spawnSync('mount', ['-o', 'remount,ro', folder]);
    for (const args of [['list'], ['seal', file('b')], ['keys', 'new'], ['up', '--port', '0']]) {
      const run = await json(args, home);
      expect({ args, status: run.status, error: errorOf(run) }).toEqual({
        args,
        status: 3,
        error: 'data_folder_unusable',
      });
      expect(run.stderr).toContain('read-only');
    }
    expect((await data.run(['open', sessionId, '-o', '-'], 'ignore', at(home))).stdout.toString()).toBe('x');
    expect((await json(['verify', sessionId], home)).status).toBe(0);
    const { status, failed } = await doctorAt(home);
    expect(status).toBe(3);
    expect(failed.map(({ name }) => name)).toContain('data folder');
  }),
);

testBuilt(
  'a disk that is full from the start',
  mounted(['-t', 'tmpfs', '-o', 'size=16k', 'none'], async (folder) => {
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'fill')}`, 'bs=4k']);
    const run = await json(['seal', file('a')], join(folder, 'home'));
    expect([run.status, errorOf(run)]).toEqual([3, 'data_folder_unusable']);
    expect(run.stderr).toMatch(/the disk is full.*Free some room/);
  }),
);

testBuilt.each(['recorder', 'ledger'])(
  'a lost %s key: nothing signs in its place, what was made stays readable',
  async (role) => {
    const { sessionId } = await data.session(['seal', file('a', 'content')]);
    const path = join(data.home, `keys/${role}.key`);
    const key = readFileSync(path);
    for (const lose of [() => rmSync(path), () => writeFileSync(path, '')]) {
      lose();
      const kept = readdirSync(join(data.home, 'keys'));
      for (const args of [['seal', file('b')], ['up', '--port', '0'], ['list'], ['keys', 'list']]) {
        const run = await json(args);
        expect({ args, status: run.status, error: errorOf(run) }).toEqual({
          args,
          status: 3,
          error: 'data_folder_damaged',
        });
        expect(run.stderr).toMatch(new RegExp(`${role}\\.key is (missing|empty).*backup.*LUCID_HOME`));
      }
      expect(readdirSync(join(data.home, 'keys'))).toEqual(kept);
      const { status, failed } = await doctorAt(data.home);
      expect([status, failed[0]?.name]).toEqual([1, `${role} key`]);
    }
    rmSync(path);
    const evidence = join(data.home, 'sessions', `${sessionId}.lucid`);
    const aside = join(data.folder, 'copy.lucid');
    cpSync(evidence, aside);
    expect((await data.run(['verify', aside])).status).toBe(0);
    expect((await data.run(['open', aside, '-o', '-'])).stdout.toString()).toBe('content');
    writeFileSync(path, key);
    expect((await data.session(['seal', file('c')])).verified).toBe(true);
  },
);

testBuilt('evidence of a data folder that cannot be used is checked and opened by its path', async () => {
  const { sessionId } = await data.session(['seal', file('a', 'content')]);
  const evidence = join(data.home, 'sessions', `${sessionId}.lucid`);
  const owner = ['-i', join(data.home, 'keys/owner.agekey')];
  const check = async () => {
    for (const args of [
      ['verify'],
      ['verify', '--decrypt', ...owner],
      ['keys', 'list'],
      ['export', '-o', '-'],
    ]) {
      const run = await data.run([...args, evidence]);
      expect({ args, status: run.status, stderr: run.stderr }).toMatchObject({ args, status: 0 });
    }
    const opened = await data.run(['open', evidence, '-o', '-', ...owner]);
    expect(opened.stdout.toString()).toBe('content');
    return opened.stderr;
  };
  const mark = readFileSync(join(data.home, 'lucid.json'));
  writeFileSync(join(data.home, 'lucid.json'), '{');
  expect(await check()).toMatch(/Note: .*lucid\.json/);
  expect(errorOf(await json(['verify', sessionId]))).toBe('data_folder_damaged');
  writeFileSync(join(data.home, 'lucid.json'), mark);
  for (const role of ['recorder', 'ledger']) {
    const path = join(data.home, `keys/${role}.key`);
    const key = readFileSync(path);
    writeFileSync(path, '');
    expect(await check()).toContain(path);
    for (const args of [['verify'], ['open'], ['export', '-o', '-']])
      expect([args, errorOf(await json([...args, sessionId]))]).toEqual([args, 'data_folder_damaged']);
    writeFileSync(path, key);
  }
});

testBuilt('a data folder that is moved or copied takes its evidence along', async () => {
  const { sessionId } = await data.session(['record', '--', 'echo', 'hello']);
  const home = join(data.folder, 'elsewhere/deep');
  mkdirSync(join(home, '..'));
  renameSync(data.home, home);
  const evidence = join(home, 'sessions', `${sessionId}.lucid`);
  expect(lastJson(await json(['list'], home))).toMatchObject({ sessions: [{ bundle: evidence }] });
  expect(lastJson(await json(['show', sessionId], home))).toMatchObject({ bundle: evidence });
  const run = (...args: string[]) => data.run(args, 'ignore', at(home));
  expect((await run('show', sessionId)).stdout.toString()).toContain(evidence);
  for (const seen of ['kept', 'forgotten']) {
    if (seen === 'forgotten') rmSync(join(home, 'seen'), { recursive: true });
    expect({ seen, status: (await run('verify', sessionId, '--decrypt')).status }).toEqual({
      seen,
      status: 0,
    });
    expect((await run('play', sessionId)).stdout.toString()).toBe('hello\r\n');
    expect((await run('open', sessionId, '-o', '-')).stdout.toString()).toContain('hello');
  }
  expect((await run('export', sessionId, '-o', 'out.lucid')).status).toBe(0);
  expect((await run('keys', 'list', sessionId)).status).toBe(0);
  const { status, checks } = await doctorAt(home);
  expect([status, checks.find(({ name }) => name === 'evidence')?.status]).toEqual([0, 'ok']);
  expect(existsSync(data.home)).toBe(false);
});

test('a chain whose blocks are gone is told, by doctor and by who waits for an anchor', async () => {
  expect((await data.run(['record', '--', 'true'])).status).toBe(0);
  rmSync(join(data.home, 'ledger/chain'), { recursive: true });
  const { status, failed } = await doctorAt(data.home);
  expect([status, failed.map(({ name }) => name)]).toEqual([1, ['services', 'chain']]);
  expect(failed.at(-1)).toMatchObject({ text: 'it does not go on: chains_differ' });
  const run = await data.run(['record', '--', 'true']);
  expect([run.status, run.stderr]).toEqual([
    1,
    expect.stringContaining('is kept whole, but not anchored yet'),
  ]);
}, 120_000);

testBuilt.each(['null', 'garbage', '', '[]', '{"format":2}'])(
  'doctor of a lucid.json that holds %j',
  async (content) => {
    await data.run(['seal', file('a')]);
    writeFileSync(join(data.home, 'lucid.json'), content);
    const { status, failed } = await doctorAt(data.home);
    expect([status, failed.map(({ name }) => name)]).toEqual([3, ['data folder']]);
    expect(failed[0]?.text).not.toMatch(/JSON at|Unexpected|destructure|undefined \(/);
  },
);

testBuilt(
  'doctor tells of a recovery key that lies here, with a passphrase or without',
  async () => {
    await data.run(['seal', file('a')]);
    const recovery = join(data.home, 'keys/recovery.agekey');
    const check = async () =>
      (await doctorAt(data.home)).checks.find(({ name }) => name === 'recovery key')?.status;
    expect(await check()).toBe('warn');
    const env = { LUCID_PASSPHRASE_FILE: file('passphrase', 'correct horse\n') };
    expect((await data.run(['keys', 'protect', recovery], 'ignore', env)).status).toBe(0);
    expect(await check()).toBe('warn');
    rmSync(recovery);
    expect(await check()).toBe('ok');
  },
  120_000,
);
