import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JournalEntry, readEntries, TransactionJournal } from './transaction-journal.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-journal-'));
  path = join(folder, 'mempool.journal');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (at: number, sizeBytes = 100): JournalEntry => ({
  bytes: new Uint8Array(sizeBytes).fill(at % 256),
  arrivedAtMs: 1_700_000_000_000 + at,
});

test('what was appended is read again, in its order', async () => {
  const journal = new TransactionJournal(path, () => []);
  expect(await journal.read()).toEqual([]);
  const entries = Array.from({ length: 300 }, (_, at) => entry(at, 1 + at));
  await Promise.all(entries.map((each) => journal.append(each)));
  await journal.close();
  expect(await new TransactionJournal(path, () => []).read()).toEqual(entries);
});

test('a file that is cut anywhere gives the entries before the cut', async () => {
  const journal = new TransactionJournal(path, () => []);
  const entries = Array.from({ length: 5 }, (_, at) => entry(at));
  for (const each of entries) await journal.append(each);
  await journal.close();
  const whole = await readFile(path);
  const size = whole.length / entries.length;
  for (let cut = 0; cut <= whole.length; cut++)
    expect(readEntries(whole.subarray(0, cut))).toEqual(entries.slice(0, Math.floor(cut / size)));
});

test('a damaged record ends the file, whatever it holds', async () => {
  const journal = new TransactionJournal(path, () => []);
  const entries = Array.from({ length: 4 }, (_, at) => entry(at));
  for (const each of entries) await journal.append(each);
  await journal.close();
  const whole = await readFile(path);
  const size = whole.length / entries.length;
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ mask;
      expect(readEntries(damaged)).toEqual(entries.slice(0, Math.floor(at / size)));
    }),
  );
});

test('a new file has what waits, and nothing else', async () => {
  let live = [entry(0), entry(1)];
  const journal = new TransactionJournal(path, () => live);
  for (const each of live) await journal.append(each);
  live = [entry(1)];
  await journal.rewrite();
  await journal.append(entry(2));
  await journal.close();
  expect(await new TransactionJournal(path, () => []).read()).toEqual([entry(1), entry(2)]);
});

test('it is written anew when it is much larger than what waits', async () => {
  const journal = new TransactionJournal(path, () => [entry(0)]);
  for (let at = 0; at < 60; at++) await journal.append(entry(at, 100_000));
  await journal.close();
  expect((await stat(path)).size).toBeLessThan(5_000_000);
});

test('an append that fails is told, and the next one makes the file anew', async () => {
  const live = [entry(0)];
  const journal = new TransactionJournal(path, () => live);
  await writeFile(`${path}.block`, '');
  await rm(folder, { recursive: true });
  await expect(journal.append(entry(1))).rejects.toThrow();
  folder = await mkdtemp(join(tmpdir(), 'lucid-journal-'));
  const other = new TransactionJournal(join(folder, 'j'), () => live);
  await other.append(entry(1));
  await appendFile(join(folder, 'j'), 'torn');
  await other.close();
  await truncate(join(folder, 'j'), (await stat(join(folder, 'j'))).size - 2);
  expect(await other.read()).toEqual([entry(0), entry(1)]);
});
