import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import type { Entry } from '../entries.mjs';
import { directory, file, readFolder, symlink, writeFolder } from '../entries.mjs';
import { readTar, writeTar } from '../tar.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucid-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sample: Entry[] = [
  file('z.txt', 'last', { mode: 0o600, uid: 1000, gid: 1000 }),
  file('a/b/c.bin', Buffer.from([0, 255, 1]), { mode: 0o4755 }),
  directory('a/sticky', { mode: 0o1777 }),
  symlink('a/to', 'b/c.bin'),
  file(`${'long/'.repeat(40)}${'n'.repeat(120)}`, 'pax'),
  // Sorts before what it points to.
  { ...file('a/a-hard', ''), type: 'link', target: 'a/b/c.bin', data: undefined },
  file('ünï', 'utf-8'),
  file('empty', ''),
];

test('system tar reads what is written', async () => {
  const path = join(folder, 'x.tar');
  writeFileSync(path, await writeTar(sample));
  const list = execFileSync('tar', ['-tvf', path, '--numeric-owner', '--utc', '--quoting-style=literal'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const lines = list.trim().split('\n');
  expect(lines.every((line) => line.includes(' 1970-01-01 00:00 '))).toBe(true);
  const row = (path: string) => lines.find((line) => line.includes(` ${path}`))?.replace(/\s+/g, ' ');
  expect(row('a/sticky')).toBe('drwxrwxrwt 0/0 0 1970-01-01 00:00 a/sticky');
  expect(row('a/b/c.bin')).toBe('-rwsr-xr-x 0/0 3 1970-01-01 00:00 a/b/c.bin');
  expect(row('a/to')).toBe('lrwxrwxrwx 0/0 0 1970-01-01 00:00 a/to -> b/c.bin');
  expect(row('z.txt')).toBe('-rw------- 1000/1000 4 1970-01-01 00:00 z.txt');
  expect(lines.at(-1)).toContain('a/a-hard link to a/b/c.bin');
  expect(row('ünï')).toBeDefined();
  execFileSync('tar', ['-xf', path, '-C', folder, '--no-same-owner']);
  expect(execFileSync('cat', [join(folder, 'a/a-hard')])).toEqual(Buffer.from([0, 255, 1]));
});

test('reads what system tar writes, in each of its formats', async () => {
  mkdirSync(join(folder, 'in/sub'), { recursive: true });
  writeFileSync(join(folder, 'in/sub', 'x'.repeat(150)), 'deep');
  chmodSync(join(folder, 'in/sub'), 0o700);
  for (const format of ['gnu', 'pax']) {
    const options = { cwd: join(folder, 'in'), maxBuffer: 1 << 24 };
    const entries = await readTar(execFileSync('tar', ['-c', `--format=${format}`, '.'], options));
    expect(entries).toMatchObject([
      { path: 'sub', type: 'directory', mode: 0o700 },
      { path: `sub/${'x'.repeat(150)}`, type: 'file', data: Buffer.from('deep') },
    ]);
  }
});

test('the bytes depend on the entries alone, not on their order', async () => {
  const once = await writeTar(sample);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(sample, { minLength: sample.length }), async (shuffled) => {
      expect(Buffer.compare(await writeTar(shuffled), once)).toBe(0);
    }),
    { numRuns: 30 },
  );
  expect(Buffer.compare(await writeTar(sample.slice(1)), once)).not.toBe(0);
});

test('what is written is read as it was, with parents', async () => {
  const back = await readTar(await writeTar(sample));
  for (const each of sample) {
    const { data, ...rest } = each;
    expect(back).toContainEqual(data ? each : expect.objectContaining(rest));
  }
  expect(back.find(({ path }) => path === 'a/b')).toMatchObject({ type: 'directory', mode: 0o755, uid: 0 });
});

test('a staged folder keeps modes whatever the umask', () => {
  const before = process.umask(0o077);
  try {
    writeFolder(join(folder, 'staged'), sample);
  } finally {
    process.umask(before);
  }
  const entries = new Map(readFolder(join(folder, 'staged')).map((each) => [each.path, each]));
  expect(entries.get('a')?.mode).toBe(0o755);
  expect(entries.get('a/sticky')?.mode).toBe(0o1777);
  expect(entries.get('a/b/c.bin')?.mode).toBe(0o4755);
  expect(entries.get('z.txt')?.mode).toBe(0o600);
});

test('a path that leaves its root is refused', async () => {
  expect(() => file('a/../../etc/passwd', '')).toThrow('leaves its root');
  await expect(writeTar([{ ...file('a', 'x'), path: '../a' }])).rejects.toThrow('leaves its root');
  const evil = pack();
  evil.entry({ name: 'x/../../a' }, 'x');
  evil.finalize();
  await expect(readTar(await buffer(evil))).rejects.toThrow('leaves its root');
  const device = pack();
  device.entry({ name: 'null', type: 'character-device' });
  device.finalize();
  await expect(readTar(await buffer(device))).rejects.toThrow('null is a character-device');
});
