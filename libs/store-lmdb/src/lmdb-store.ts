import {
  type BatchOperation,
  type Collection,
  type CollectionDefinition,
  createLeaseKeeper,
  type DocumentStore,
  defineCollection,
  inBatch,
  isDocumentStoreError,
  type Lease,
  type LeaseKeeper,
  leaseCollection,
  MAX_BATCH,
  type StoreCheck,
  sameDefinition,
  sweepCollection,
} from '@lucid/document-store';
import { type Environment, openEnvironment } from './environment.ts';
import { LmdbCollection } from './lmdb-collection.ts';

export interface LmdbStoreOptions {
  /** Made (mode 0700) where it is not there. Several processes of one machine may open it; not over a network file system. */
  readonly folder: string;
  /** Clock of leases, milliseconds since 1970. */
  readonly nowMs: () => number;
}

type Opened = LmdbCollection<object>;

class LmdbStore implements DocumentStore {
  readonly atomicBatch = true;
  readonly #environment: Environment;
  readonly #opening = new Map<string, Promise<Opened>>();
  readonly #opened = new Map<string, Opened>();
  readonly #nowMs: () => number;
  #leases: Promise<LeaseKeeper> | null = null;

  constructor(environment: Environment, nowMs: () => number) {
    this.#environment = environment;
    this.#nowMs = nowMs;
  }

  async collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>> {
    defineCollection(definition);
    let opening = this.#opening.get(definition.name);
    if (!opening) {
      opening = this.#open(definition);
      this.#opening.set(definition.name, opening);
      opening.catch(() => this.#opening.delete(definition.name));
    }
    const opened = await opening;
    if (!sameDefinition(opened.definition, definition))
      throw new TypeError(`collection ${definition.name} is open with other indexes`);
    return opened as unknown as Collection<T>;
  }

  async #open<T extends object>(definition: CollectionDefinition<T>): Promise<Opened> {
    const collection = new LmdbCollection(this.#environment, definition);
    await collection.open();
    const opened = collection as unknown as Opened;
    this.#opened.set(definition.name, opened);
    return opened;
  }

  async batch(operations: readonly BatchOperation[]): Promise<readonly number[]> {
    if (operations.length > MAX_BATCH) throw new RangeError(`a batch holds at most ${MAX_BATCH} operations`);
    const placed = operations.map((operation, position) =>
      atPosition(position, () => {
        const collection = this.#opened.get(operation.collection);
        if (!collection) throw new TypeError(`collection ${operation.collection} is not open`);
        return { collection, write: collection.prepare(operation) };
      }),
    );
    if (placed.length === 0) return [];
    return this.#environment.write(() =>
      placed.map(({ collection, write }, position) => atPosition(position, () => collection.apply(write))),
    );
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
    return (await this.#leaseKeeper()).acquire(name, holder, ttlMs);
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease | null> {
    return (await this.#leaseKeeper()).renew(lease, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<boolean> {
    return (await this.#leaseKeeper()).release(lease);
  }

  #leaseKeeper(): Promise<LeaseKeeper> {
    this.#leases ??= this.collection(leaseCollection).then(
      (collection) => createLeaseKeeper(collection, this.#nowMs),
      (error) => {
        this.#leases = null;
        throw error;
      },
    );
    return this.#leases;
  }

  async sweepExpired(nowMs: number): Promise<number> {
    let removed = 0;
    for (const collection of this.#opened.values()) {
      if (collection.definition.expiresAt !== undefined) removed += await sweepCollection(collection, nowMs);
    }
    return removed;
  }

  async check(): Promise<StoreCheck> {
    const started = performance.now();
    const done = (why?: string): StoreCheck => ({
      ok: why === undefined,
      latencyMs: performance.now() - started,
      ...(why === undefined ? {} : { why }),
    });
    try {
      this.#environment.read(() => this.#environment.meta.getBinary(Buffer.from('format')));
      const free = await this.#environment.freeBytes();
      return free < this.#environment.lowSpaceBytes
        ? done(`only ${free} bytes are free on the disk of ${this.#environment.folder}`)
        : done();
    } catch (error) {
      return done(isDocumentStoreError(error) ? error.message : 'the folder cannot be read');
    }
  }

  close(): Promise<void> {
    return this.#environment.close();
  }
}

function atPosition<R>(position: number, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw inBatch(error, position);
  }
}

/** Throws `store_damaged`, `store_full`, `store_incompatible` or `store_unavailable`. Close it to end the process cleanly. */
export const openLmdbStore = async ({ folder, nowMs }: LmdbStoreOptions): Promise<DocumentStore> =>
  new LmdbStore(openEnvironment(folder), nowMs);
