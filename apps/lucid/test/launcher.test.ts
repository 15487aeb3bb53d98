/** The launcher `lucid` of the root, over an npm and a build that are seen to run. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '@lucid/service-kit/testing';

jest.setTimeout(30_000);

/** Fails where another runs; goes on when it may. */
const npm = `#!/bin/sh
mkdir busy || exit 9
echo ran >> npm-runs
while [ ! -e go ]; do sleep 0.05; done
mkdir -p node_modules && echo {} > node_modules/.package-lock.json
rmdir busy
`;
const build = `import { appendFileSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
mkdirSync('busy');
appendFileSync('build-runs', 'ran\\n');
mkdirSync('dist/apps/lucid', { recursive: true });
writeFileSync('dist/apps/lucid/main.mjs', 'console.log(process.argv.slice(2).join())');
writeFileSync('dist/apps/.built', '');
rmdirSync('busy');
`;

let root: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lucid-launcher-')));
  copyFileSync(join(__dirname, '../../../lucid'), join(root, 'lucid'));
  for (const each of ['bin', 'apps', 'libs', 'tools']) mkdirSync(join(root, each));
  writeFileSync(join(root, 'bin/npm'), npm);
  chmodSync(join(root, 'bin/npm'), 0o755);
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'tools/build.mjs'), build);
  writeFileSync(join(root, 'tools/build-zstd.mjs'), '');
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(root, { recursive: true, force: true });
});

const launch = (...args: string[]) => run(join(root, 'lucid'), ...args);

function run(...args: string[]) {
  const PATH = `${join(root, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn('sh', args, { env: { PATH } });
  children.add(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (part: Buffer) => {
      said[name] += part.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
}

const lock = () => join(root, 'dist/.lucid-busy');
const runs = (name: string) =>
  readFileSync(join(root, `${name}-runs`), 'utf8')
    .trim()
    .split('\n').length;

test('of two that begin at once, one installs and builds, and both go on', async () => {
  const first = launch('one');
  await eventually(async () => existsSync(join(root, 'busy')));
  const second = launch('two');
  await eventually(async () => second.said.stderr.includes('waiting for it'));
  expect(second.said.stderr).toContain(`process ${first.child.pid}`);
  writeFileSync(join(root, 'go'), '');
  expect([await first.ended, await second.ended]).toEqual([0, 0]);
  expect([first.said.stdout, second.said.stdout]).toEqual(['one\n', 'two\n']);
  expect([runs('npm'), runs('build')]).toEqual([1, 1]);
  expect(existsSync(lock())).toBe(false);
});

test('what a killed one left keeps nobody out', async () => {
  mkdirSync(join(root, 'dist'));
  writeFileSync(lock(), `${spawnSync('true').pid}\n`);
  writeFileSync(join(root, 'go'), '');
  const { ended, said } = launch('x');
  expect([await ended, said.stdout]).toEqual([0, 'x\n']);
  expect(existsSync(lock())).toBe(false);
});

test('what was left under a number that is now its own keeps it not out', async () => {
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'go'), '');
  const { ended, said } = run('-c', `echo $$ >'${lock()}'; exec sh '${join(root, 'lucid')}' x`);
  expect([await ended, said.stdout]).toEqual([0, 'x\n']);
});

test('who was killed while it took a lock away: the next one says what to do', async () => {
  mkdirSync(`${lock()}.breaking`, { recursive: true });
  writeFileSync(lock(), `${spawnSync('true').pid}\n`);
  writeFileSync(join(root, 'go'), '');
  const { ended, said } = launch('x');
  await eventually(async () => said.stderr.includes(`rm -r ${lock()}*`));
  rmSync(`${lock()}.breaking`, { recursive: true });
  expect([await ended, said.stdout]).toEqual([0, 'x\n']);
});

test('an install that fails leaves no lock', async () => {
  writeFileSync(join(root, 'bin/npm'), '#!/bin/sh\nexit 1\n');
  const { ended, said } = launch('x');
  expect([await ended, said.stderr]).toEqual([3, expect.stringContaining('npm ci failed')]);
  expect(existsSync(lock())).toBe(false);
});
