/** A process of its own for the crash tests: `node child.cjs MODE FOLDER NAME`. Prints one line for each acknowledged write. */
import { writeSync } from 'node:fs';
import { defineCollection, insertInto, isDocumentStoreError, scan } from '@lucid/document-store';
import { openLmdbStore } from '../src/index.ts';

export interface Row {
  id: string;
  group: string;
  body: string;
}

export const rows = defineCollection<Row>({
  name: 'rows',
  key: (row) => row.id,
  indexes: [
    { name: 'byGroup', fields: ['group', 'id'] },
    { name: 'byBody', fields: ['body'], unique: true },
  ],
});

export const row = (id: string, group: string): Row => ({ id, group, body: `${id}:`.repeat(40) });

const say = (line: string) => writeSync(1, `${line}\n`);

/** Writers that race, singly and in pairs, until the process is killed. */
async function writeForEver(folder: string, name: string): Promise<void> {
  const store = await openLmdbStore({ folder, nowMs: Date.now });
  const collection = await store.collection(rows);
  const writer = async (lane: number): Promise<never> => {
    for (let turn = 0; ; turn += 1) {
      const id = `${name}-${lane}-${turn}`;
      if (lane % 2) await collection.insert(row(id, name));
      else {
        const pair = ['left', 'right'].map((side) => insertInto(collection, row(`${id}-${side}`, name)));
        await store.batch(pair);
      }
      say(id);
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, lane) => writer(lane)));
}

/** 60 inserts, and 60 steps of one counter shared with other processes. */
async function writeSome(folder: string, name: string): Promise<void> {
  const store = await openLmdbStore({ folder, nowMs: Date.now });
  const collection = await store.collection(rows);
  const countOne = async (): Promise<void> => {
    const found = await collection.get('counter');
    if (!found) throw new Error('there is no counter');
    const next = { ...found.document, body: String(Number(found.document.body) + 1) };
    const ok = await collection.replace(next, found.version).then(
      () => true,
      () => false,
    );
    if (!ok) await countOne();
  };
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.all([collection.insert(row(`${name}-${turn}`, name)), countOne()]);
    say(`${name}-${turn}`);
  }
  await store.close();
}

/** Reads all by key and by index, then writes; says how many rows, or the code of the refusal. */
async function readAll(folder: string): Promise<void> {
  try {
    const store = await openLmdbStore({ folder, nowMs: Date.now });
    const collection = await store.collection(rows);
    let found = 0;
    for await (const item of scan(collection, { index: 'key' })) {
      const expected = row(item.key, item.document.group).body;
      if (item.document.body !== expected) throw new Error(`${item.key} is not what was written`);
      found += 1;
    }
    for await (const _ of scan(collection, { index: 'byGroup' })) found += 1;
    await store.close();
    say(`sound ${found}`);
  } catch (error) {
    if (!isDocumentStoreError(error)) throw error;
    say(error.code);
  }
}

const [mode, folder = '', name = ''] = process.argv.slice(2);
const run = async (): Promise<void> => {
  if (mode === 'write-for-ever') return writeForEver(folder, name);
  if (mode === 'write-some') return writeSome(folder, name);
  if (mode === 'read-all') return readAll(folder);
};
void run();
