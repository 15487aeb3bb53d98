import {
  type BatchOperation,
  type Collection,
  type CollectionDefinition,
  type DocumentStore,
  DocumentStoreError,
  inBatch,
  type Lease,
  OpenCollections,
  type StoreCheck,
} from '@lucid/document-store';
import { type Db, MongoClient } from 'mongodb';
import { DocumentCollection } from './documents-collection.ts';
import { toDocumentStoreError } from './documents-errors.ts';
import { openRows } from './documents-indexes.ts';

export interface MongoStoreOptions {
  /** `mongodb://…`, credentials included; never logged. */
  readonly url: string;
  /** Default: the database that the URL names. */
  readonly database?: string;
  /** Clock of leases, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** How long an operation waits for a server that is not there. Default 5000. */
  readonly serverTimeoutMs?: number;
}

class MongoStore implements DocumentStore {
  readonly atomicBatch = false;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #collections: OpenCollections<DocumentCollection<object>>;
  #closing: Promise<void> | null = null;

  constructor({ url, database, nowMs, serverTimeoutMs = 5000 }: MongoStoreOptions) {
    this.#client = new MongoClient(url, {
      appName: 'lucid',
      serverSelectionTimeoutMS: serverTimeoutMs,
      connectTimeoutMS: serverTimeoutMs,
      // A promise resolves when a majority has the write in its journal.
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
    this.#db = this.#client.db(database);
    this.#collections = new OpenCollections({ nowMs, open: (definition) => this.#open(definition) });
  }

  async #open(definition: CollectionDefinition<object>): Promise<DocumentCollection<object>> {
    const rows = await this.#run(definition.name, () => openRows(this.#db, definition));
    const run = <R>(name: string, work: () => Promise<R>) => this.#run(name, work);
    return new DocumentCollection({ definition, rows, run });
  }

  collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>> {
    return this.#collections.collection(definition);
  }

  async batch(operations: readonly BatchOperation[]): Promise<readonly number[]> {
    const writes = this.#collections.prepareBatch(operations, (collection, operation) => {
      const write = collection.prepare(operation);
      return () => collection.apply(write);
    });
    const versions: number[] = [];
    for (const [position, write] of writes.entries()) {
      try {
        versions.push(await write());
      } catch (error) {
        throw inBatch(error, position);
      }
    }
    return versions;
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
    return (await this.#collections.leases()).acquire(name, holder, ttlMs);
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease | null> {
    return (await this.#collections.leases()).renew(lease, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<boolean> {
    return (await this.#collections.leases()).release(lease);
  }

  sweepExpired(nowMs: number): Promise<number> {
    return this.#collections.sweep(nowMs);
  }

  async check(): Promise<StoreCheck> {
    const started = performance.now();
    try {
      await this.#run('ping', () => this.#db.command({ ping: 1 }));
      return { ok: true, latencyMs: performance.now() - started };
    } catch (error) {
      const why = error instanceof DocumentStoreError ? error.message : 'MongoDB does not answer';
      return { ok: false, latencyMs: performance.now() - started, why };
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#client.close();
    return this.#closing;
  }

  async #run<R>(collection: string, work: () => Promise<R>): Promise<R> {
    if (this.#closing) throw new DocumentStoreError('store_unavailable', 'the document store is closed');
    try {
      return await work();
    } catch (error) {
      throw toDocumentStoreError(error, collection);
    }
  }
}

/** Connects with the first operation, and again whenever the connection was lost. */
export const openMongoStore = async (options: MongoStoreOptions): Promise<DocumentStore> =>
  new MongoStore(options);
