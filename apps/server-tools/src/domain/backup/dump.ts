/** Writes a backup: collection by collection, in an order that makes it usable although services go on writing. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BackupDatabase, metadataText } from '@lucid/store-mongo/backup';
import { problem } from '../../problem.ts';
import { type BackupFolder, type Manifest, pathsOf } from './backup-folder.ts';
import { ContentSum } from './content-sum.ts';
import { inDumpOrder } from './dump-order.ts';
import { inFolder } from './file-errors.ts';
import { type StoredFile, writePackedFile } from './packed-file.ts';
import { metered, type ProgressMeter } from './progress.ts';
import { readRestoreState } from './restore-state.ts';

export interface DumpDependencies {
  readonly database: BackupDatabase;
  readonly folder: BackupFolder;
  /** age recipient; absent: not encrypted. */
  readonly recipient?: string | undefined;
  readonly nowMs: () => number;
  readonly toolVersion: string;
}

export interface JobRun {
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
}

type Entry = Manifest['collections'][number];

const NOTE =
  'Collections were read one after another while services may have been writing; what points to other documents was read before them.';

/** `lucid-20261121-020000-1a2b3c`: the time in UTC, then what tells two of the same second apart. */
export const backupNameAt = (nowMs: number, random: Uint8Array): string => {
  const [day = '', time = ''] = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `lucid-${day}-${time}-${Buffer.from(random).toString('hex')}`;
};

/** @throws ProblemError of the job's errors; the signal's reason. Nothing of the backup is left then. */
export async function dump(given: DumpDependencies, name: string, run: JobRun): Promise<Manifest> {
  const { folder } = given;
  const database = given.database.until(run.signal);
  const dependencies = { ...given, database };
  await assertWhole(database);
  return inFolder(folder.root, async () => {
    const path = await folder.begin(name);
    try {
      const manifest = await write(dependencies, { name, path }, run);
      run.signal.throwIfAborted();
      await folder.finish(manifest);
      return manifest;
    } catch (error) {
      await folder.discard(name).catch(() => {});
      throw error;
    }
  });
}

/** A database in which a restore was cut off half-way is a mixture of two: not to be kept as if it were one. */
async function assertWhole(database: BackupDatabase): Promise<void> {
  const state = await readRestoreState(database);
  if (state?.mixedWith !== undefined)
    throw problem('restore_interrupted', { detail: `It was of ${state.mixedWith}.` });
}

async function write(
  dependencies: DumpDependencies,
  { name, path }: { readonly name: string; readonly path: string },
  run: JobRun,
): Promise<Manifest> {
  const { database, folder, recipient, nowMs, toolVersion } = dependencies;
  const startedAt = new Date(nowMs()).toISOString();
  const server = await database.server();
  const found = inDumpOrder(await database.collections());
  const skipped = await database.others();
  run.meter.begin('writes', found.length);
  const collections: Entry[] = [];
  const folders = new Set<string>();
  for (const collection of found) {
    run.meter.collection(collection.name);
    const entry = await writeCollection(dependencies, { path, collection, folders }, run);
    collections.push(entry);
    run.meter.collectionDone();
  }
  for (const each of folders) await folder.sync(each);
  const sum = (of: (entry: Entry) => number) => collections.reduce((total, entry) => total + of(entry), 0);
  return {
    format: 'lucid-mongo-backup/1',
    name,
    tool: { name: 'server-tools', version: toolVersion },
    server,
    database: database.name,
    startedAt,
    endedAt: new Date(nowMs()).toISOString(),
    consistency: { snapshot: false, note: NOTE },
    ...(recipient ? { encryption: { format: 'age', recipient } } : {}),
    collections,
    totals: {
      collections: collections.length,
      documents: sum(({ documents }) => documents),
      sizeBytes: sum(({ sizeBytes }) => sizeBytes),
      storedBytes: sum(({ data, metadata }) => data.sizeBytes + metadata.sizeBytes),
    },
    ...(skipped.length > 0 ? { skipped: [...skipped] } : {}),
  };
}

interface Place {
  readonly path: string;
  readonly collection: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  /** Those made so far. */
  readonly folders: Set<string>;
}

/** The documents first: an index that is made meanwhile is listed, too. */
async function writeCollection(
  { database, recipient }: DumpDependencies,
  { path, collection, folders }: Place,
  { signal, meter }: JobRun,
): Promise<Entry> {
  const { name, options } = collection;
  const paths = pathsOf(database.name, name, recipient !== undefined);
  const parent = dirname(join(path, paths.data));
  if (!folders.has(parent)) await mkdir(parent, { mode: 0o700 });
  folders.add(parent);
  const store = async (to: string, parts: AsyncIterable<Uint8Array>) => {
    const stored: StoredFile = await writePackedFile({ path: join(path, to), parts, recipient, signal });
    return { path: to, ...stored };
  };
  const sum = new ContentSum();
  const data = await store(paths.data, metered(summed(database.documents(name), sum), meter));
  const indexes = await database.indexes(name);
  const metadata = await store(paths.metadata, textParts(metadataText(name, { options, indexes })));
  return {
    name,
    documents: sum.documents,
    sizeBytes: sum.bytes,
    content: sum.hex,
    indexes: indexes.length,
    data,
    metadata,
  };
}

/** Adds up documents that pass. */
export async function* summed(
  documents: AsyncIterable<Uint8Array>,
  sum: ContentSum,
): AsyncGenerator<Uint8Array> {
  for await (const document of documents) {
    sum.add(document);
    yield document;
  }
}

async function* textParts(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8');
}
