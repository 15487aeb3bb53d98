/**
 * One LMDB environment: three tables of bytes, durable transactions, groups of writers committed together.
 *
 * - `documents`: collection U+0001 key -> record (see `record.ts`)
 * - `entries`: collection U+0001 index U+0001 entry -> key of the document
 * - `meta`: `format` -> format number; `collection` U+0001 name -> JSON of its index signatures
 *
 * The map starts small and lmdb-js lets it grow with the file, so there is no size to choose and the file is as long as its content.
 */
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { DocumentStoreError } from '@lucid/document-store';
import { type Database, open, type RootDatabase } from 'lmdb';
import { checkDataFile } from './data-file.ts';
import { storeFull, toStoreError } from './lmdb-errors.ts';

export type Table = Database<Buffer, Buffer>;

const FORMAT = '1';
const FORMAT_KEY = Buffer.from('format');
/** Below this much free space the store calls itself unready, before writes begin to fail. */
const LOW_SPACE_BYTES = 16 * 1024 * 1024;

export interface Environment {
  readonly folder: string;
  readonly documents: Table;
  readonly entries: Table;
  readonly meta: Table;
  /** Runs `work` in a transaction of its own; resolves when it is on disk. What throws leaves nothing behind. */
  write<R>(work: () => R): Promise<R>;
  /** Runs `work`, which only reads, on the newest snapshot, and maps errors. */
  read<R>(work: () => R): R;
  freeBytes(): Promise<number>;
  readonly lowSpaceBytes: number;
  close(): Promise<void>;
}

const tableOptions = { encoding: 'binary', keyEncoding: 'binary' } as const;

function openRoot(folder: string): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path: folder,
    ...tableOptions,
    noSubdir: false,
    maxDbs: 3,
    // Plain LMDB order: pages, fdatasync, then the meta page through O_DSYNC, then the promise.
    overlappingSync: false,
    // With it a failed commit also rejects a promise that nobody can see, which ends the process.
    eventTurnBatching: false,
  });
}

function checkFormat(folder: string, meta: Table): void {
  const found = meta.getBinary(FORMAT_KEY)?.toString();
  if (found === FORMAT) return;
  if (found !== undefined) {
    throw new DocumentStoreError(
      'store_incompatible',
      `the document store in ${folder} has format ${found}; this program knows ${FORMAT}; use the version that wrote it`,
    );
  }
  meta.putSync(FORMAT_KEY, Buffer.from(FORMAT));
}

const EIO = 5;
/** Less than this free beside an EIO means that the disk is full. */
const NO_SPACE_BYTES = 256 * 1024;

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** lmdb-js 3.5.6 leaves the reason open for ever where several commits failed one after the other; it comes at once or not at all. */
const REASON_PATIENCE_MS = 200;

/** The reason of a failed commit comes in a promise beside the error. */
async function reasonOf(error: unknown): Promise<unknown> {
  const { commitError } = Object(error) as { commitError?: Promise<never> };
  if (!commitError) return error;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<unknown>((resolve) => {
    timer = setTimeout(() => resolve(error), REASON_PATIENCE_MS);
  });
  const reason = commitError.then(
    () => error,
    (cause: unknown) => cause,
  );
  return Promise.race([reason, silence]).finally(() => clearTimeout(timer));
}

async function toWriteError(folder: string, error: unknown): Promise<DocumentStoreError> {
  const cause = await reasonOf(error);
  // LMDB calls it EIO when the system wrote a part of its pages, which is what the last write before ENOSPC does.
  const isShortWrite = cause === error || (cause as { code?: unknown }).code === EIO;
  const isFull = isShortWrite && (await freeBytesOf(folder).catch(() => Infinity)) < NO_SPACE_BYTES;
  return isFull ? storeFull(folder, cause) : toStoreError(folder, cause);
}

/** Throws `store_damaged`, `store_full`, `store_incompatible` or `store_unavailable`. */
export function openEnvironment(folder: string): Environment {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    checkDataFile(folder);
    const root = openRoot(folder);
    const table = (name: string): Table => root.openDB<Buffer, Buffer>({ name, ...tableOptions });
    const tables = { documents: table('documents'), entries: table('entries'), meta: table('meta') };
    checkFormat(folder, tables.meta);
    return createEnvironment(folder, root, tables);
  } catch (error) {
    throw toStoreError(folder, error);
  }
}

function createEnvironment(
  folder: string,
  root: RootDatabase<Buffer, Buffer>,
  tables: Pick<Environment, 'documents' | 'entries' | 'meta'>,
): Environment {
  let closing: Promise<void> | null = null;
  const assertOpen = (): void => {
    if (closing)
      throw new DocumentStoreError('store_unavailable', `the document store in ${folder} is closed`);
  };
  return {
    folder,
    ...tables,
    lowSpaceBytes: LOW_SPACE_BYTES,
    async write(work) {
      assertOpen();
      try {
        return await root.childTransaction(work);
      } catch (error) {
        throw await toWriteError(folder, error);
      }
    },
    read(work) {
      assertOpen();
      try {
        // lmdb-js keeps a snapshot for a while; what another process has committed must be seen.
        root.resetReadTxn();
        return work();
      } catch (error) {
        throw toStoreError(folder, error);
      }
    },
    freeBytes: () => freeBytesOf(folder),
    close() {
      closing ??= root.close();
      return closing;
    },
  };
}
