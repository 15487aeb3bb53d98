/**
 * A database as dump and restore see it: documents are bytes, collections have names. A restore writes into collections aside,
 * `_restore_…`, in the same database, because there MongoDB swaps a collection in by a rename that is there whole or not at all;
 * between two databases it would copy. What the restore does stands in `_restore`.
 */
import { type Collection, type Db, MongoClient, MongoParseError } from 'mongodb';
import { type CollectionMetadata, insertableOf } from './backup-bson.ts';
import { isMissing, isNotOffered, toBackupStoreError } from './backup-errors.ts';
import { fullIndex } from './documents-indexes.ts';

export interface BackupDatabaseOptions {
  /** `mongodb://…/DATABASE`, credentials included; never shown. */
  readonly url: string;
  /** Default: the database that the URL names. */
  readonly database?: string;
  /** How long an operation waits for a server that is not there. Default 5000. */
  readonly serverTimeoutMs?: number;
}

/** What answers: MongoDB itself, or a server of its wire protocol. */
export interface ServerKind {
  readonly kind: 'mongodb' | 'ferretdb';
  readonly version: string;
}

export interface CollectionStats {
  readonly name: string;
  readonly documents: number;
  readonly sizeBytes: number;
  readonly storageBytes: number;
  readonly indexes: number;
  readonly indexBytes: number;
}

/** Of the file system that the server's files lie on, where it tells. */
export interface StoreDisk {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

const RESTORING = '_restore';
const JOURNAL_ID = 'current';
const isOfRestore = (name: string): boolean => name === RESTORING || name.startsWith(`${RESTORING}_`);
/** Name of the collection aside with this number. */
export const asideName = (number: number): string => `${RESTORING}_${String(number).padStart(6, '0')}`;

const INSERTED_DOCUMENTS = 1_000;
const INSERTED_BYTES = 8 * 1024 * 1024;

/** MongoDB ends an answer at 16 MiB by itself, others send as many documents as they are asked for. */
const READ_BYTES = 4 * 1024 * 1024;
const READ_DOCUMENTS = 1_000;
const batchSizeFor = (documentBytes: number): number =>
  Math.max(1, Math.min(READ_DOCUMENTS, Math.floor(READ_BYTES / Math.max(1, documentBytes))));

interface Journal {
  readonly _id: string;
  readonly text: string;
}

export class BackupDatabase {
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #signal: AbortSignal | undefined;

  private constructor(client: MongoClient, database: string | undefined, signal?: AbortSignal) {
    this.#client = client;
    this.#db = client.db(database);
    this.#signal = signal;
  }

  /** Connects with the first operation. @throws TypeError where the URL is not one; it is not quoted */
  static open({ url, database, serverTimeoutMs = 5000 }: BackupDatabaseOptions): BackupDatabase {
    try {
      const client = new MongoClient(url, {
        appName: 'lucid-server-tools',
        serverSelectionTimeoutMS: serverTimeoutMs,
        connectTimeoutMS: serverTimeoutMs,
        writeConcern: { w: 'majority', journal: true },
        readPreference: 'primary',
      });
      return new BackupDatabase(client, database);
    } catch (error) {
      // The driver's message may repeat the address with its password.
      const what =
        error instanceof MongoParseError ? 'it is not mongodb://USER:PASSWORD@HOST:PORT/DATABASE' : '';
      throw new TypeError(
        `the address of the document store cannot be used: ${what || 'an option of it is wrong'}`,
      );
    }
  }

  /** The same database, whose operations reject with the signal's reason when it aborts, whether the server answers or not. */
  until(signal: AbortSignal): BackupDatabase {
    return new BackupDatabase(this.#client, this.name, signal);
  }

  get name(): string {
    return this.#db.databaseName;
  }

  /** Servers that the URL names. */
  get hosts(): readonly { readonly host: string; readonly port: number }[] {
    return this.#client.options.hosts.flatMap(({ host, port }) => (host && port ? [{ host, port }] : []));
  }

  async server(): Promise<ServerKind> {
    const info = await this.#run('buildInfo', () => this.#db.command({ buildInfo: 1 }));
    return { kind: 'ferretdbVersion' in info ? 'ferretdb' : 'mongodb', version: String(info.version) };
  }

  /** The server's clock, milliseconds since 1970. */
  async nowMs(): Promise<number> {
    const { localTime } = await this.#run('hello', () => this.#db.command({ hello: 1 }));
    return Number(localTime);
  }

  /** Collections that hold documents of services, by name: no views, none of the server's own, none of a restore. */
  async collections(): Promise<
    readonly { readonly name: string; readonly options: CollectionMetadata['options'] }[]
  > {
    return (await this.#ofServices())
      .filter(({ type }) => type === 'collection')
      .map(({ name, options }) => ({ name, options: options ?? {} }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of what is no plain collection: views, time series. */
  async others(): Promise<readonly string[]> {
    const found = await this.#ofServices();
    return found
      .filter(({ type }) => type !== 'collection')
      .map(({ name }) => name)
      .sort();
  }

  async stats(name: string): Promise<CollectionStats> {
    const found = await this.#run('collStats', () => this.#db.command({ collStats: name }));
    return {
      name,
      documents: Number(found.count),
      sizeBytes: Number(found.size),
      storageBytes: Number(found.storageSize),
      indexes: Number(found.nindexes),
      indexBytes: Number(found.totalIndexSize),
    };
  }

  /** Null where the server does not tell. */
  async disk(): Promise<StoreDisk | null> {
    const { fsTotalSize, fsUsedSize } = await this.#run('dbStats', () => this.#db.command({ dbStats: 1 }));
    if (fsTotalSize === undefined || fsUsedSize === undefined) return null;
    return { totalBytes: Number(fsTotalSize), usedBytes: Number(fsUsedSize) };
  }

  async isEmpty(name: string): Promise<boolean> {
    const found = await this.#run('find', () =>
      this.#db.collection(name).findOne({}, { projection: { _id: 1 } }),
    );
    return found === null;
  }

  count(name: string): Promise<number> {
    return this.#run('count', () => this.#db.collection(name).countDocuments({}));
  }

  /** Documents in the order in which the server keeps them, each with the bytes it has there; only good until the next is asked for. */
  async *documents(name: string): AsyncGenerator<Uint8Array> {
    const { documents, sizeBytes } = await this.stats(name);
    const batchSize = batchSizeFor(documents === 0 ? 0 : sizeBytes / documents);
    const cursor = this.#db.collection(name).find({}, { raw: true, batchSize });
    try {
      for (;;) {
        const next = await this.#run('find', () => cursor.next());
        if (next === null) return;
        yield next as unknown as Uint8Array;
      }
    } finally {
      const closed = cursor.close().catch(() => undefined);
      // A server that does not answer would not answer this either.
      if (!this.#signal?.aborted) await closed;
    }
  }

  async indexes(name: string): Promise<CollectionMetadata['indexes']> {
    const found = await this.#run('listIndexes', () => this.#db.collection(name).listIndexes().toArray());
    return found.map(fullIndex);
  }

  /** Nothing happens where it exists. */
  async create(name: string, options: CollectionMetadata['options'] = {}): Promise<void> {
    const there = await this.#all();
    if (there.some((each) => each.name === name)) return;
    await this.#run('create', () => this.#db.command({ create: name, ...options }));
  }

  /** Appends documents of any number. @throws DamagedBsonError, BackupStoreError */
  async insert(name: string, documents: AsyncIterable<Uint8Array>): Promise<void> {
    const collection = this.#db.collection(name);
    let batch: Map<string, unknown>[] = [];
    let bytes = 0;
    const send = async () => {
      if (batch.length > 0) await this.#run('insert', () => insertAll(collection, batch));
      batch = [];
      bytes = 0;
    };
    for await (const document of documents) {
      batch.push(insertableOf(document));
      bytes += document.length;
      if (batch.length >= INSERTED_DOCUMENTS || bytes >= INSERTED_BYTES) await send();
    }
    await send();
  }

  /** Of the version that the server makes now, whichever they had. */
  async buildIndexes(name: string, indexes: CollectionMetadata['indexes']): Promise<void> {
    const wanted = indexes
      .filter((each) => each.name !== '_id_')
      .map(({ ns: _ns, v: _v, ...index }) => fullIndex(index));
    if (wanted.length === 0) return;
    await this.#run('createIndexes', () => this.#db.command({ createIndexes: name, indexes: wanted }));
  }

  async drop(name: string): Promise<void> {
    const dropIfThere = async () => {
      try {
        await this.#db.command({ drop: name });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    };
    await this.#run('drop', dropIfThere);
  }

  /** Drops every collection aside. */
  async dropAside(): Promise<void> {
    for (const { name } of await this.#all()) {
      if (isOfRestore(name) && name !== RESTORING) await this.drop(name);
    }
  }

  /**
   * Puts the collection aside in the place of the other. Where it was cut off, once more does the rest: while the one aside is there
   * the other counts for nothing. Servers that cannot rename over a collection, or not to such a name, do it in two steps, or copy.
   */
  async replace(name: string, aside: string): Promise<void> {
    if (!(await this.#all()).some((each) => each.name === aside)) return;
    if (await this.#renamed(aside, name, true)) return;
    await this.drop(name);
    if (await this.#renamed(aside, name, false)) return;
    await this.create(name, (await this.#all()).find((each) => each.name === aside)?.options);
    await this.insert(name, this.documents(aside));
    await this.buildIndexes(name, await this.indexes(aside));
    await this.drop(aside);
  }

  /** What a restore wrote down last; null where none is under way or was cut off. */
  async readJournal(): Promise<string | null> {
    const found = await this.#run('find', () => this.#journal.findOne({ _id: JOURNAL_ID }));
    return found?.text ?? null;
  }

  async writeJournal(text: string): Promise<void> {
    await this.#run('update', () =>
      this.#journal.replaceOne({ _id: JOURNAL_ID }, { text }, { upsert: true }),
    );
  }

  removeJournal(): Promise<void> {
    return this.drop(RESTORING);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  get #journal(): Collection<Journal> {
    return this.#db.collection<Journal>(RESTORING);
  }

  async #renamed(from: string, to: string, dropTarget: boolean): Promise<boolean> {
    const rename = async () => {
      try {
        await this.#db.collection(from).rename(to, dropTarget ? { dropTarget } : {});
        return true;
      } catch (error) {
        if (isNotOffered(error)) return false;
        throw error;
      }
    };
    return this.#run('renameCollection', rename);
  }

  async #ofServices() {
    return (await this.#all()).filter(({ name }) => !name.startsWith('system.') && !isOfRestore(name));
  }

  #all() {
    return this.#run('listCollections', () => this.#db.listCollections({}, { nameOnly: false }).toArray());
  }

  async #run<R>(doing: string, work: () => Promise<R>): Promise<R> {
    try {
      return await abortable(work, this.#signal);
    } catch (error) {
      throw toBackupStoreError(error, doing);
    }
  }
}

function abortable<R>(work: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

async function insertAll(collection: Collection, documents: readonly Map<string, unknown>[]): Promise<void> {
  // The driver's type wants plain objects; its BSON writes a Map as it is ordered. It would put `_id` into what has none.
  await collection.insertMany(documents as never, { forceServerObjectId: true, ordered: true });
}
