/** A document store in memory, for tests: the same rules as every other, and nothing outlives its backing. */
import { defineCollection, indexesOf, sameDefinition } from './definition.ts';
import type {
  BatchOperation,
  Collection,
  CollectionDefinition,
  DocumentStore,
  FindOptions,
  Lease,
  Page,
  RangeOptions,
  StoreCheck,
  Stored,
} from './document-store.ts';
import { copyDocument } from './document-value.ts';
import { DocumentStoreError } from './errors.ts';
import { createLeaseKeeper, type LeaseKeeper, leaseCollection } from './leases.ts';
import { checkKeys, compareEntries, cursorOf, pageRangeOf, type Range, rangeOf } from './range.ts';
import { sweepCollection } from './scan.ts';
import {
  duplicateKey,
  entriesOf,
  inBatch,
  MAX_BATCH,
  type PreparedWrite,
  prepareWrite,
  versionConflict,
} from './write.ts';

interface Row {
  readonly version: number;
  readonly document: object;
}
type Rows = Map<string, Row>;

/** What several stores may share, as processes share a disk. */
export type MemoryDocuments = Map<string, Rows>;

/** Outcome of a write that has been judged: nothing has changed yet. */
type Change = { readonly key: string; readonly row: Row | null };

class MemoryCollection<T extends object> implements Collection<T> {
  readonly definition: CollectionDefinition<T>;
  readonly #rows: Rows;
  readonly #assertOpen: () => void;

  constructor(definition: CollectionDefinition<T>, rows: Rows, assertOpen: () => void) {
    this.definition = definition;
    this.#rows = rows;
    this.#assertOpen = assertOpen;
  }

  async get(key: string): Promise<Stored<T> | null> {
    checkKeys(this.definition.name, [key]);
    this.#assertOpen();
    return this.#stored(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Stored<T> | null)[]> {
    checkKeys(this.definition.name, keys);
    this.#assertOpen();
    return keys.map((key) => this.#stored(key));
  }

  async insert(document: T): Promise<number> {
    return this.#write({ kind: 'insert', key: this.definition.key(document), document });
  }

  async replace(document: T, expectedVersion: number): Promise<number> {
    return this.#write({ kind: 'replace', key: this.definition.key(document), document, expectedVersion });
  }

  async upsert(document: T): Promise<number> {
    return this.#write({ kind: 'upsert', key: this.definition.key(document), document });
  }

  async remove(key: string, expectedVersion?: number): Promise<boolean> {
    const write = this.prepare({ kind: 'remove', key, expectedVersion });
    this.#assertOpen();
    const found = this.#rows.has(key);
    this.apply(write);
    return found;
  }

  async find(options: FindOptions): Promise<Page<T>> {
    const range = pageRangeOf(this.definition.name, indexesOf(this.definition), options);
    this.#assertOpen();
    const found = this.#within(range);
    if (range.reverse) found.reverse();
    const shown = found.slice(0, range.limit);
    const last = shown.at(-1);
    return {
      items: shown.map(({ key }) => this.#stored(key) as Stored<T>),
      next: found.length > range.limit && last ? cursorOf(last.entry) : null,
    };
  }

  async count(options: RangeOptions): Promise<number> {
    const range = rangeOf(this.definition.name, indexesOf(this.definition), options);
    this.#assertOpen();
    return this.#within(range).length;
  }

  prepare(operation: Omit<BatchOperation, 'collection'>): PreparedWrite {
    return prepareWrite(this.definition, operation);
  }

  /** Applies a write and returns what takes it back. */
  apply(write: PreparedWrite): { version: number; undo: () => void } {
    const before = this.#rows.get(write.key) ?? null;
    const { key, row } = this.#judge(write, before);
    this.#put({ key, row });
    return { version: row?.version ?? 0, undo: () => this.#put({ key, row: before }) };
  }

  async #write(operation: Omit<BatchOperation, 'collection'>): Promise<number> {
    const write = this.prepare(operation);
    this.#assertOpen();
    return this.apply(write).version;
  }

  #judge(write: PreparedWrite, found: Row | null): Change {
    const { name } = this.definition;
    if (write.kind === 'insert' && found) throw duplicateKey(name, 'key');
    const expected = 'expectedVersion' in write ? write.expectedVersion : undefined;
    if (expected !== undefined && found?.version !== expected)
      throw versionConflict(name, expected, found?.version ?? 0);
    if (write.kind === 'remove') return { key: write.key, row: null };
    for (const index of indexesOf(this.definition)) {
      const entry = write.entries[index.name];
      if (index.unique && entry !== undefined && this.#holder(index.name, entry, write.key))
        throw duplicateKey(name, index.name);
    }
    return { key: write.key, row: { version: (found?.version ?? 0) + 1, document: write.document } };
  }

  #put({ key, row }: Change): void {
    if (row) this.#rows.set(key, row);
    else this.#rows.delete(key);
  }

  #holder(index: string, entry: string, besides: string): boolean {
    return [...this.#rows].some(
      ([key, row]) => key !== besides && entriesOf(this.definition, key, row.document)[index] === entry,
    );
  }

  #within({ index, from, to }: Range): { entry: string; key: string }[] {
    return [...this.#rows]
      .map(([key, row]) => ({
        key,
        entry: index ? entriesOf(this.definition, key, row.document)[index.name] : key,
      }))
      .filter((each): each is { entry: string; key: string } => each.entry !== undefined)
      .filter(({ entry }) => compareEntries(entry, from) >= 0 && compareEntries(entry, to) < 0)
      .sort((a, b) => compareEntries(a.entry, b.entry));
  }

  #stored(key: string): Stored<T> | null {
    const row = this.#rows.get(key);
    if (!row) return null;
    const { document } = copyDocument(this.definition.name, row.document as T);
    return { key, version: row.version, document };
  }
}

type Opened = MemoryCollection<object>;

class MemoryDocumentStore implements DocumentStore {
  readonly atomicBatch = true;
  readonly #documents: MemoryDocuments;
  readonly #opened = new Map<string, Opened>();
  readonly #leases: LeaseKeeper;
  #closed = false;

  constructor(documents: MemoryDocuments, nowMs: () => number) {
    this.#documents = documents;
    this.#leases = createLeaseKeeper(this.#open(leaseCollection), nowMs);
  }

  async collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>> {
    this.#assertOpen();
    const opened = this.#opened.get(definition.name);
    if (!opened) return this.#open(defineCollection(definition));
    if (!sameDefinition(opened.definition, definition))
      throw new TypeError(`collection ${definition.name} is open with other indexes`);
    return opened as unknown as Collection<T>;
  }

  async batch(operations: readonly BatchOperation[]): Promise<readonly number[]> {
    if (operations.length > MAX_BATCH) throw new RangeError(`a batch holds at most ${MAX_BATCH} operations`);
    this.#assertOpen();
    const done: { version: number; undo: () => void }[] = [];
    for (const [position, operation] of operations.entries()) {
      try {
        const collection = this.#opened.get(operation.collection);
        if (!collection) throw new TypeError(`collection ${operation.collection} is not open`);
        done.push(collection.apply(collection.prepare(operation)));
      } catch (error) {
        for (const { undo } of done.reverse()) undo();
        throw inBatch(error, position);
      }
    }
    return done.map(({ version }) => version);
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
    return this.#leases.acquire(name, holder, ttlMs);
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease | null> {
    return this.#leases.renew(lease, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<boolean> {
    return this.#leases.release(lease);
  }

  async sweepExpired(nowMs: number): Promise<number> {
    this.#assertOpen();
    let removed = 0;
    for (const collection of this.#opened.values()) {
      if (collection.definition.expiresAt === undefined) continue;
      removed += await sweepCollection(collection, nowMs);
    }
    return removed;
  }

  async check(): Promise<StoreCheck> {
    return this.#closed
      ? { ok: false, latencyMs: 0, why: 'the store is closed' }
      : { ok: true, latencyMs: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open<T extends object>(definition: CollectionDefinition<T>): MemoryCollection<T> {
    const rows = this.#documents.get(definition.name) ?? new Map<string, Row>();
    this.#documents.set(definition.name, rows);
    const opened = new MemoryCollection(definition, rows, () => this.#assertOpen());
    this.#opened.set(definition.name, opened as unknown as Opened);
    return opened;
  }

  #assertOpen(): void {
    if (this.#closed) throw new DocumentStoreError('store_unavailable', 'the document store is closed');
  }
}

/** `documents` outlives the store; give the same one again to see what a restarted process would see. */
export const createMemoryDocumentStore = (
  documents: MemoryDocuments = new Map(),
  nowMs: () => number = Date.now,
): DocumentStore => new MemoryDocumentStore(documents, nowMs);
