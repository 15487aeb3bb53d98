import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, isDocumentStoreError } from '@lucid/document-store';
import { openLmdbStore } from '../src/index.ts';
import { type Row, row, rows } from './child.ts';
import { bundleChild } from './child-process.ts';

const COUNT = 300;
const program = bundleChild();
const root = mkdtempSync(join(tmpdir(), 'lucid-lmdb-'));
const good = join(root, 'good');
let folder: string;

const open = () => openLmdbStore({ folder, nowMs: Date.now });
const dataFile = () => join(folder, 'data.mdb');

beforeAll(async () => {
  const store = await openLmdbStore({ folder: good, nowMs: Date.now });
  const collection = await store.collection(rows);
  await Promise.all(
    Array.from({ length: COUNT }, (_, index) => collection.insert(row(`row${index}`, 'group'))),
  );
  await collection.insert({ id: 'big', group: 'big', body: 'x', note: 'big'.repeat(20_000) } as Row);
  await collection.remove('big');
  await store.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(root, 'copy-'));
  cpSync(join(good, 'data.mdb'), dataFile());
});
afterAll(() => {
  program.remove();
  rmSync(root, { recursive: true });
});

test('an unharmed copy opens', async () => {
  const child = program.run(['read-all', folder]);
  expect(await child.ended).toBe(0);
  expect(child.lines).toEqual([`sound ${2 * COUNT}`]);
});

test.each([
  ['cut in the middle', () => truncateSync(dataFile(), readFileSync(dataFile()).length / 2)],
  ['cut after the meta pages', () => truncateSync(dataFile(), 8192)],
  ['cut in the first page', () => truncateSync(dataFile(), 100)],
  ['another kind of file', () => writeFileSync(dataFile(), 'not a database at all'.repeat(1000))],
])('a file that is %s is refused with what to do', async (_what, harm) => {
  harm();
  await expect(open()).rejects.toMatchObject({
    code: 'store_damaged',
    message: expect.stringMatching(/is damaged: .*; stop the program, keep a copy/),
  });
});

test('a document that has changed on the disk is refused, the others are read', async () => {
  const bytes = readFileSync(dataFile());
  for (let at = bytes.indexOf('row7:row7:'); at >= 0; at = bytes.indexOf('row7:row7:', at + 1)) {
    if (bytes.subarray(at - 8, at).includes('body')) bytes[at] = 0x52;
  }
  writeFileSync(dataFile(), bytes);
  const store = await open();
  const collection = await store.collection(rows);
  await expect(collection.get('row7')).rejects.toMatchObject({ code: 'store_damaged' });
  expect(await collection.get('row8')).not.toBeNull();
  await store.close();
});

test('a folder of another format is refused', async () => {
  const bytes = readFileSync(dataFile());
  const at = bytes.indexOf('format1');
  expect(at).toBeGreaterThan(0);
  bytes[at + 6] = 0x39;
  writeFileSync(dataFile(), bytes);
  await expect(open()).rejects.toMatchObject({ code: 'store_incompatible' });
});

test('whatever bytes are overwritten, the program is told or reads what was written; it never dies', async () => {
  const sizeBytes = readFileSync(dataFile()).length;
  for (let turn = 0; turn < 24; turn += 1) {
    const bytes = readFileSync(join(good, 'data.mdb'));
    // Anywhere at first, then in the headers of pages.
    const at = turn % 2 ? randomInt(2, sizeBytes / 4096) * 4096 + randomInt(64) : randomInt(sizeBytes - 64);
    const harm = randomBytes(randomInt(1, 32));
    harm.copy(bytes, at);
    writeFileSync(dataFile(), bytes);
    const child = program.run(['read-all', folder]);
    const how = await child.ended;
    const what = `${harm.toString('hex')} at ${at}: ${how} ${child.lines}`;
    expect(what).toMatch(/: 0 (store_damaged|store_incompatible|sound 600)$/);
  }
}, 60_000);

const canMount = (() => {
  const probe = mkdtempSync(join(root, 'probe-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

async function fill(collection: Collection<Row>, name: string): Promise<{ kept: string[]; code: unknown }> {
  const kept: string[] = [];
  for (let turn = 0; ; turn += 1) {
    const ids = [0, 1, 2, 3].map((lane) => `${name}-${turn}-${lane}`);
    const results = await Promise.allSettled(ids.map((id) => collection.insert(row(id, name))));
    results.forEach((result, lane) => {
      if (result.status === 'fulfilled') kept.push(ids[lane] as string);
    });
    const failed = results.find((result) => result.status === 'rejected');
    if (failed)
      return { kept, code: isDocumentStoreError(failed.reason) ? failed.reason.code : failed.reason };
  }
}

(canMount ? test : test.skip)(
  `a full disk refuses writes, keeps what it acknowledged, and works again when there is room${
    canMount ? '' : ' (skipped: a small file system cannot be mounted here)'
  }`,
  async () => {
    const small = mkdtempSync(join(root, 'small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
    try {
      folder = join(small, 'store');
      const padding = join(small, 'padding');
      writeFileSync(padding, Buffer.alloc(1_000_000));
      const store = await open();
      const collection = await store.collection(rows);
      const { kept, code } = await fill(collection, 'first');
      expect(code).toBe('store_full');
      expect(kept.length).toBeGreaterThan(50);
      // A smaller group may still fit where a larger one did not; then the disk is full again.
      const more = await fill(collection, 'second');
      expect(more.code).toBe('store_full');
      expect(await store.check()).toMatchObject({ ok: false, why: expect.stringMatching(/bytes are free/) });
      rmSync(padding);
      expect(await collection.insert(row('again', 'x'))).toBe(1);
      await store.close();
      const later = await open();
      const found = await (await later.collection(rows)).getMany(
        [...kept, ...more.kept, 'again'].slice(-1000),
      );
      expect(found).not.toContain(null);
      await later.close();
    } finally {
      // Lazily: a failed test leaves its store open.
      execFileSync('umount', ['-l', small]);
    }
  },
);
