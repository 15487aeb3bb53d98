/**
 * Puts a backup in the place of the database. It is verified, then loaded into collections aside and compared there; only then is
 * the first collection replaced. A kill before that leaves the database as it was. From then on the state in the database
 * says that it is a mixture, dumps are refused, and the same restore, asked for again, goes on where it was cut off.
 */
import { asideName, type BackupDatabase } from '@lucid/store-mongo/backup';
import { problem } from '../../problem.ts';
import type { BackupFolder, Manifest, OpenedBackup } from './backup-folder.ts';
import { ContentSum } from './content-sum.ts';
import { type JobRun, summed } from './dump.ts';
import { inFolder } from './file-errors.ts';
import { metered } from './progress.ts';
import { type RestoreState, readRestoreState, writeRestoreState } from './restore-state.ts';
import { documentsOf, metadataOf, verify } from './verify.ts';

export interface RestoreDependencies {
  readonly database: BackupDatabase;
  readonly folder: BackupFolder;
  readonly identity?: string | undefined;
}

export interface RestoreRequest {
  readonly backup: string;
  /** What is in the database goes. */
  readonly replace: boolean;
}

export interface Restored {
  readonly backup: string;
  readonly database: string;
  readonly resumed: boolean;
  readonly collections: { readonly name: string; readonly documents: number; readonly indexes: number }[];
  readonly dropped: string[];
}

/** A store that does not answer in this time keeps what was loaded aside, until the next restore removes it. */
const FORGETTING_MS = 10_000;

/**
 * Once collections are put in place the signal counts no more.
 * @throws ProblemError of the job's errors; the signal's reason
 */
export async function restore(
  dependencies: RestoreDependencies,
  request: RestoreRequest,
  run: JobRun,
): Promise<Restored> {
  const { database, folder } = dependencies;
  return inFolder(folder.root, async () => {
    const opened = await folder.open(request.backup);
    const before = await readRestoreState(database.until(run.signal));
    const resumed = before?.phase === 'swapping' && before.manifestHash === opened.manifestHash;
    const state = resumed ? before : await load(dependencies, { request, opened, before }, run);
    await swap(database, state, run);
    return {
      backup: request.backup,
      database: database.name,
      resumed,
      collections: state.collections.map(({ name, documents, indexes }) => ({ name, documents, indexes })),
      dropped: state.drop,
    };
  });
}

interface LoadRequest {
  readonly request: RestoreRequest;
  readonly opened: OpenedBackup;
  readonly before: RestoreState | null;
}

/** The state that is ready to be swapped in; the database is as it was before where this throws. */
async function load(
  given: RestoreDependencies,
  { request, opened, before }: LoadRequest,
  run: JobRun,
): Promise<RestoreState> {
  const database = given.database.until(run.signal);
  const dependencies = { ...given, database };
  if (before?.mixedWith !== undefined && !request.replace)
    throw problem('restore_interrupted', {
      detail: `It was of ${before.mixedWith}; another backup takes its place only where it is asked to replace what is there.`,
    });
  await assertSound(dependencies, request.backup, run);
  if (!request.replace) await assertEmpty(database);
  const { manifestHash, manifest } = opened;
  const mixedWith = before?.mixedWith;
  const begun: RestoreState = {
    ...{ backup: request.backup, manifestHash, phase: 'loading', mixedWith },
    collections: [],
    drop: [],
  };
  try {
    // First: collections aside of a restore that says it may go on must not go while it says so.
    await writeRestoreState(database, begun);
    await database.dropAside();
    const collections = await loadAside(dependencies, opened, run);
    run.signal.throwIfAborted();
    // Loading takes a while, and somebody may have written.
    if (!request.replace) await assertEmpty(database);
    const wanted = new Set(manifest.collections.map(({ name }) => name));
    const there = await database.collections();
    const drop = there.map(({ name }) => name).filter((name) => !wanted.has(name));
    const ready: RestoreState = { ...begun, phase: 'swapping', mixedWith: request.backup, collections, drop };
    // Waited for whatever the signal says: given up on the way it could still arrive, behind the end of what it tells of.
    await writeRestoreState(given.database, ready);
    return ready;
  } catch (error) {
    await forget(database, { begun, before }).catch(() => {});
    throw error;
  }
}

/**
 * As it was before this restore, as far as the store still answers. The state goes before what it tells of: whatever is said to be
 * ready to be put in place is there.
 */
async function forget(
  given: BackupDatabase,
  { begun, before }: { readonly begun: RestoreState; readonly before: RestoreState | null },
): Promise<void> {
  const database = given.until(AbortSignal.timeout(FORGETTING_MS));
  if (before?.mixedWith === undefined) await database.removeJournal();
  else await writeRestoreState(database, begun);
  await database.dropAside();
}

async function assertSound(dependencies: RestoreDependencies, backup: string, run: JobRun): Promise<void> {
  const { ok, depth, faults } = await verify(dependencies, backup, run);
  if (ok && depth === 'documents') return;
  if (ok) throw problem('identity_missing');
  const [first] = faults;
  throw problem('backup_damaged', {
    detail: `${faults.length} fault(s), the first in ${first?.file}: ${first?.found}`,
  });
}

async function assertEmpty(database: BackupDatabase): Promise<void> {
  for (const { name } of await database.collections()) {
    if (await database.isEmpty(name)) continue;
    throw problem('database_not_empty', {
      detail: `Collection ${name} of ${database.name} holds documents.`,
    });
  }
}

type Entry = Manifest['collections'][number];

/** What is pointed to comes first, so that no reader finds what points without it. */
async function loadAside(
  dependencies: RestoreDependencies,
  opened: OpenedBackup,
  run: JobRun,
): Promise<RestoreState['collections']> {
  const entries = [...opened.manifest.collections].reverse();
  run.meter.begin('loads', entries.length);
  const loaded: RestoreState['collections'] = [];
  for (const [at, entry] of entries.entries()) {
    run.meter.collection(entry.name);
    const aside = asideName(at);
    await loadOne(dependencies, { opened, entry, aside }, run);
    loaded.push({ name: entry.name, aside, documents: entry.documents, indexes: entry.indexes });
    run.meter.collectionDone();
  }
  return loaded;
}

async function loadOne(
  { database, identity }: RestoreDependencies,
  { opened, entry, aside }: { readonly opened: OpenedBackup; readonly entry: Entry; readonly aside: string },
  { signal, meter }: JobRun,
): Promise<void> {
  const { options, indexes } = await metadataOf(opened, entry, identity);
  await database.create(aside, options);
  await database.insert(aside, metered(whileWanted(documentsOf(opened, entry, identity), signal), meter));
  await database.buildIndexes(aside, indexes);
  const sum = new ContentSum();
  for await (const _document of summed(whileWanted(database.documents(aside), signal), sum));
  if (sum.documents === entry.documents && sum.hex === entry.content) return;
  throw problem('store_failed', {
    detail: `It took ${entry.documents} documents of ${entry.name} and gave back ${sum.documents}${
      sum.documents === entry.documents ? ', not all as they were' : ''
    }.`,
  });
}

async function* whileWanted(
  documents: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const document of documents) {
    signal.throwIfAborted();
    yield document;
  }
}

/** May be cut off anywhere and begun again: a collection whose one aside is gone is in place. */
async function swap(database: BackupDatabase, state: RestoreState, { meter }: JobRun): Promise<void> {
  meter.begin('puts in place', state.collections.length);
  for (const { name, aside } of state.collections) {
    meter.collection(name);
    await database.replace(name, aside);
    meter.collectionDone();
  }
  for (const name of state.drop) await database.drop(name);
  for (const { name, documents } of state.collections) {
    const found = await database.count(name);
    if (found < documents)
      throw problem('store_failed', {
        detail: `Of ${documents} documents of ${name} ${found} are there in the end.`,
      });
  }
  await database.removeJournal();
}
