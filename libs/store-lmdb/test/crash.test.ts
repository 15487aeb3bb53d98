import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scan } from '@lucid/document-store';
import { openLmdbStore } from '../src/index.ts';
import { rows } from './child.ts';
import { bundleChild } from './child-process.ts';

const program = bundleChild();
afterAll(() => program.remove());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-lmdb-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = () => openLmdbStore({ folder, nowMs: Date.now });

/** Every key in the store, after checking that both indexes agree with the documents and that no pair is torn. */
async function soundKeys(): Promise<Set<string>> {
  const store = await open();
  const collection = await store.collection(rows);
  const keys = new Set<string>();
  for await (const item of scan(collection, { index: 'key' })) keys.add(item.key);
  const byGroup: string[] = [];
  for await (const item of scan(collection, { index: 'byGroup' })) byGroup.push(item.key);
  expect(new Set(byGroup)).toEqual(keys);
  expect(byGroup).toHaveLength(keys.size);
  expect(await collection.count({ index: 'byBody' })).toBe(keys.size);
  for (const key of keys) {
    if (key.endsWith('-left')) expect(keys).toContain(key.replace('-left', '-right'));
    if (key.endsWith('-right')) expect(keys).toContain(key.replace('-right', '-left'));
  }
  await store.close();
  return keys;
}

const ROUNDS = Number(process.env.LUCID_SLOW === '1' ? 200 : 20);

test(`kill -9 at ${ROUNDS} random moments loses no acknowledged write and tears no batch`, async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = program.run(['write-for-ever', folder, `round${round}`]);
    await child.reached(1 + Math.floor(Math.random() * 120));
    child.process.kill('SIGKILL');
    expect(await child.ended).toBe('SIGKILL');
    expect(child.lines.length).toBeGreaterThan(0);
    acknowledged.push(...child.lines);
    const keys = await soundKeys();
    const lost = acknowledged.filter((id) => !keys.has(id) && !keys.has(`${id}-left`));
    expect(lost).toEqual([]);
  }
}, 300_000);

test('two processes write to one folder at the same time', async () => {
  const store = await open();
  const collection = await store.collection(rows);
  await collection.insert({ id: 'counter', group: 'counter', body: '0' });
  const children = ['one', 'two'].map((name) => program.run(['write-some', folder, name]));
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0]);
  expect((await collection.get('counter'))?.document.body).toBe('120');
  await store.close();
  const keys = await soundKeys();
  for (const id of children.flatMap((child) => child.lines)) expect(keys).toContain(id);
  expect(keys.size).toBe(121);
});

const hasStrace = spawnSync('strace', ['-V']).status === 0;
(hasStrace ? test : test.skip)(
  `the system calls: data is synced between a write and its acknowledgement${hasStrace ? '' : ' (skipped: no strace)'}`,
  async () => {
    const store = await open();
    await (await store.collection(rows)).insert({ id: 'counter', group: 'counter', body: '0' });
    await store.close();
    const trace = join(folder, 'trace');
    const strace = ['strace', '-f', '-e', 'trace=fsync,fdatasync,pwrite64,pwritev,writev,write', '-o', trace];
    const child = program.run(['write-some', folder, 'traced'], strace);
    expect(await child.ended).toBe(0);
    const calls = readFileSync(trace, 'utf8').split('\n');
    let [pages, synced, metas, acknowledgements] = [false, false, 0, 0];
    for (const call of calls) {
      // A commit writes its pages, syncs them, and then the meta page (128 bytes, through a descriptor that is O_DSYNC).
      if (/pwrite64\(.*, 128, (40|4136)\b/.test(call)) {
        expect(pages && synced).toBe(true);
        [pages, synced, metas] = [false, false, metas + 1];
      } else if (/(pwrite64|pwritev|writev)\(/.test(call)) pages = true;
      else if (/f(data)?sync\(/.test(call)) synced = pages;
      else if (/write\(1, "traced-/.test(call)) {
        acknowledgements += 1;
        expect(pages).toBe(false);
        expect(metas).toBeGreaterThanOrEqual(acknowledgements);
      }
    }
    expect(acknowledgements).toBe(60);
  },
);
