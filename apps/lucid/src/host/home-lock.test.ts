import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Home, layoutOf, openHome } from './home.ts';
import { lockOwner, takeHomeLock } from './home-lock.ts';

let home: Home;
beforeEach(() => {
  home = openHome({ LUCID_HOME: mkdtempSync(join(tmpdir(), 'lucid-lock-')) });
});
afterEach(() => rmSync(home.root, { recursive: true, force: true }));

/** A process that has ended. */
const deadPid = (): number => spawnSync('true').pid;

test('one at a time; released, it is free', async () => {
  expect(lockOwner(home)).toBeNull();
  const mine = await takeHomeLock(home, 0);
  expect(lockOwner(home)).toBe(process.pid);
  await expect(takeHomeLock(home, 0)).rejects.toMatchObject({
    code: 'data_folder_busy',
    exitCode: 3,
    message: expect.stringContaining(String(process.pid)),
  });
  expect(readdirSync(home.run)).toHaveLength(1);
  mine.release();
  expect(lockOwner(home)).toBeNull();
  (await takeHomeLock(home, 0)).release();
});

test('waiting for an owner that ends soon', async () => {
  const mine = await takeHomeLock(home, 0);
  const waiting = takeHomeLock(home, 10_000);
  mine.release();
  (await waiting).release();
});

test.each([
  ['a dead owner', () => `lock.${deadPid()}-1`],
  ['a living process that has the dead owner’s pid', () => `lock.${process.pid}-1`],
])('the lock of %s is taken over and removed', async (_what, name) => {
  writeFileSync(join(home.run, name()), '');
  expect(lockOwner(home)).toBeNull();
  const mine = await takeHomeLock(home, 0);
  expect(lockOwner(home)).toBe(process.pid);
  expect(readdirSync(home.run)).toHaveLength(1);
  mine.release();
});

test('a killed owner that its parent has not reaped has nothing any more', async () => {
  // sleep takes the place of the shell, and never reaps the child that it got from it.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text) => resolve(Number(text))),
    );
    let fields: string[] = [];
    while (fields[0] !== 'Z') {
      fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      await new Promise((resolve) => setImmediate(resolve));
    }
    writeFileSync(join(home.run, `lock.${pid}-${fields[19]}`), '');
    expect(lockOwner(home)).toBeNull();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a copy of the folder, made while a process has it, is free; the folder itself stays taken wherever it is moved', async () => {
  const mine = await takeHomeLock(home, 0);
  const copy = layoutOf(`${home.root}-copy`);
  cpSync(home.root, copy.root, { recursive: true });
  try {
    expect(lockOwner(copy)).toBeNull();
    (await takeHomeLock(copy, 0)).release();
    expect(readdirSync(copy.run)).toEqual([]);
    rmSync(copy.root, { recursive: true });
    renameSync(home.root, copy.root);
    expect(lockOwner(copy)).toBe(process.pid);
    renameSync(copy.root, home.root);
    expect(lockOwner(home)).toBe(process.pid);
  } finally {
    rmSync(copy.root, { recursive: true, force: true });
    mine.release();
  }
});

test.each(['lock', 'lock.x-1', 'lock.1', 'host.json', 'a.sock'])('%s is no lock', async (name) => {
  writeFileSync(join(home.run, name), '');
  (await takeHomeLock(home, 0)).release();
  expect(readdirSync(home.run)).toEqual([name]);
});

test('a living owner is never taken over, and releasing twice is no fault', async () => {
  const started = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
  writeFileSync(join(home.run, `lock.${process.ppid}-${started}`), '');
  await expect(takeHomeLock(home, 60)).rejects.toMatchObject({ code: 'data_folder_busy' });
  expect(lockOwner(home)).toBe(process.ppid);
  rmSync(join(home.run, `lock.${process.ppid}-${started}`));
  const mine = await takeHomeLock(home, 0);
  mine.release();
  expect(() => mine.release()).not.toThrow();
});

test('processes that race for a dead owner’s lock: never two at once', async () => {
  const script = join(home.root, 'racer.mjs');
  buildSync({
    stdin: {
      contents: `
        import { openHome } from './home.ts';
        import { takeHomeLock } from './home-lock.ts';
        import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
        const home = openHome({ LUCID_HOME: process.argv[2] });
        for (let round = 0; round < 20; round++) {
          const lock = await takeHomeLock(home, 20_000);
          mkdirSync(process.argv[2] + '/alone');
          rmdirSync(process.argv[2] + '/alone');
          // Every other time it goes as a killed process does: the lock stays, with an owner that is no more.
          if (round % 2) lock.release();
          else renameSync(home.run + '/' + readdirSync(home.run).find((name) => name.startsWith('lock.' + process.pid)), home.run + '/lock.' + process.pid + '-1');
        }
      `,
      resolveDir: __dirname,
      loader: 'ts',
    },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const ends = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, [script, home.root], { stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (part) => {
        errors += part;
      });
      const status = await new Promise((resolve) => child.once('close', resolve));
      return { status, errors };
    }),
  );
  expect(ends).toEqual(ends.map(() => ({ status: 0, errors: '' })));
  expect(existsSync(join(home.root, 'alone'))).toBe(false);
});
