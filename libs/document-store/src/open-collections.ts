/** What a store keeps about its open collections, and what it does through them; once for all adapters. */
import { defineCollection, sameDefinition } from './definition.ts';
import type { BatchOperation, Collection, CollectionDefinition } from './document-store.ts';
import { createLeaseKeeper, type LeaseKeeper, leaseCollection } from './leases.ts';
import { sweepCollection } from './scan.ts';
import { inBatch, MAX_BATCH } from './write.ts';

/** A collection whose documents are of any kind; adapters cast to the caller's `T` at their edge. */
export type AnyCollection = Collection<object>;

export interface OpenCollectionsOptions<C extends AnyCollection> {
  readonly open: (definition: CollectionDefinition<object>) => Promise<C>;
  readonly nowMs: () => number;
}

export class OpenCollections<C extends AnyCollection> {
  readonly #options: OpenCollectionsOptions<C>;
  readonly #opening = new Map<string, Promise<C>>();
  readonly #opened = new Map<string, C>();
  #leases: Promise<LeaseKeeper> | null = null;

  constructor(options: OpenCollectionsOptions<C>) {
    this.#options = options;
  }

  /** Rejects with `TypeError` where the name is open with other indexes. */
  async collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>> {
    defineCollection(definition);
    const { name } = definition;
    let opening = this.#opening.get(name);
    if (!opening) {
      opening = this.#options.open(definition as unknown as CollectionDefinition<object>);
      this.#opening.set(name, opening);
      opening.then(
        (opened) => this.#opened.set(name, opened),
        () => this.#opening.delete(name),
      );
    }
    const opened = await opening;
    if (!sameDefinition(opened.definition, definition))
      throw new TypeError(`collection ${name} is open with other indexes`);
    return opened as unknown as Collection<T>;
  }

  /** `prepare` for each operation with its collection; errors carry the position. Throws `TypeError` and `RangeError` too. */
  prepareBatch<P>(
    operations: readonly BatchOperation[],
    prepare: (collection: C, operation: BatchOperation) => P,
  ): P[] {
    if (operations.length > MAX_BATCH) throw new RangeError(`a batch holds at most ${MAX_BATCH} operations`);
    return operations.map((operation, position) => {
      const collection = this.#opened.get(operation.collection);
      if (!collection) throw new TypeError(`collection ${operation.collection} is not open`);
      try {
        return prepare(collection, operation);
      } catch (error) {
        throw inBatch(error, position);
      }
    });
  }

  leases(): Promise<LeaseKeeper> {
    this.#leases ??= this.collection(leaseCollection).then(
      (collection) => createLeaseKeeper(collection, this.#options.nowMs),
      (error) => {
        this.#leases = null;
        throw error;
      },
    );
    return this.#leases;
  }

  async sweep(nowMs: number): Promise<number> {
    let removed = 0;
    for (const collection of this.#opened.values()) {
      if (collection.definition.expiresAt !== undefined) removed += await sweepCollection(collection, nowMs);
    }
    return removed;
  }
}
