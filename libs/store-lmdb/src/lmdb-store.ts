import {
  type BatchOperation,
  type Collection,
  type CollectionDefinition,
  type DocumentStore,
  inBatch,
  isDocumentStoreError,
  type Lease,
  OpenCollections,
  type StoreCheck,
} from '@lucid/document-store';
import { type Environment, openEnvironment } from './environment.ts';
import { LmdbCollection } from './lmdb-collection.ts';

export interface LmdbStoreOptions {
  /** Made (mode 0700) where it is not there. Several processes of one machine may open it; not over a network file system. */
  readonly folder: string;
  /** Clock of leases, milliseconds since 1970. */
  readonly nowMs: () => number;
}

class LmdbStore implements DocumentStore {
  readonly atomicBatch = true;
  readonly #environment: Environment;
  readonly #collections: OpenCollections<LmdbCollection<object>>;

  constructor(environment: Environment, nowMs: () => number) {
    this.#environment = environment;
    this.#collections = new OpenCollections({
      nowMs,
      open: async (definition) => {
        const collection = new LmdbCollection(environment, definition);
        await collection.open();
        return collection;
      },
    });
  }

  collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>> {
    return this.#collections.collection(definition);
  }

  async batch(operations: readonly BatchOperation[]): Promise<readonly number[]> {
    const writes = this.#collections.prepareBatch(operations, (collection, operation) => {
      const write = collection.prepare(operation);
      return () => collection.apply(write);
    });
    if (writes.length === 0) return [];
    return this.#environment.write(() => writes.map(atPosition));
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
    const why = await this.#whyNotReady();
    const latencyMs = performance.now() - started;
    return why === null ? { ok: true, latencyMs } : { ok: false, latencyMs, why };
  }

  async #whyNotReady(): Promise<string | null> {
    const { folder, lowSpaceBytes, meta } = this.#environment;
    try {
      this.#environment.read(() => meta.getBinary(Buffer.from('format')));
      const free = await this.#environment.freeBytes();
      return free < lowSpaceBytes ? `only ${free} bytes are free on the disk of ${folder}` : null;
    } catch (error) {
      return isDocumentStoreError(error) ? error.message : `${folder} cannot be read`;
    }
  }

  close(): Promise<void> {
    return this.#environment.close();
  }
}

function atPosition<R>(work: () => R, position: number): R {
  try {
    return work();
  } catch (error) {
    throw inBatch(error, position);
  }
}

/** Rejects with `store_damaged`, `store_full`, `store_incompatible` or `store_unavailable`. */
export const openLmdbStore = async ({ folder, nowMs }: LmdbStoreOptions): Promise<DocumentStore> =>
  new LmdbStore(openEnvironment(folder), nowMs);
