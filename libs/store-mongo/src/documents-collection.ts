/**
 * One collection in MongoDB. A stored document is `{_id: key, v: version, d: document, x: {index: entry}}`, where an entry is the
 * ordered text of the port, so that one field serves a compound index and a sparse index leaves out what has no entry. Only
 * single-document operations, plain filters and ascending sparse indexes are used: what every server of this wire protocol has.
 */
import {
  type Collection,
  type CollectionDefinition,
  checkKeys,
  cursorOf,
  DocumentStoreError,
  duplicateKey,
  type Entries,
  type FindOptions,
  type IndexDefinition,
  indexesOf,
  type Page,
  type PreparedWrite,
  pageRangeOf,
  prepareWrite,
  type Range,
  type RangeOptions,
  rangeOf,
  type Stored,
  versionConflict,
} from '@lucid/document-store';
import type { Filter, Collection as MongoCollection } from 'mongodb';
import { fromBson, toBson } from './documents-bson.ts';
import { mayBeDuplicate } from './documents-errors.ts';

export interface Row {
  readonly _id: string;
  readonly v: number;
  readonly d: unknown;
  readonly x: Entries;
}

/** An upsert that keeps losing races gives up; each loss is somebody else's success. */
const UPSERT_ATTEMPTS = 100;

/** Runs driver calls: refuses once the store is closed, maps errors. */
export type Run = <R>(collection: string, work: () => Promise<R>) => Promise<R>;

export interface DocumentCollectionOptions<T extends object> {
  readonly definition: CollectionDefinition<T>;
  readonly rows: MongoCollection<Row>;
  readonly run: Run;
}

type PreparedPut = Exclude<PreparedWrite, { kind: 'remove' }>;

const rowOf = (put: PreparedPut, version: number): Row => ({
  _id: put.key,
  v: version,
  d: toBson(put.document),
  x: put.entries,
});

export class DocumentCollection<T extends object> implements Collection<T> {
  readonly definition: CollectionDefinition<T>;
  readonly #rows: MongoCollection<Row>;
  readonly #run: Run;
  readonly #indexes: readonly IndexDefinition[];

  constructor({ definition, rows, run }: DocumentCollectionOptions<T>) {
    this.definition = definition;
    this.#rows = rows;
    this.#run = run;
    this.#indexes = indexesOf(definition);
  }

  async get(key: string): Promise<Stored<T> | null> {
    checkKeys(this.definition.name, [key]);
    const row = await this.#run(this.definition.name, () => this.#rows.findOne({ _id: key }));
    return row && this.#stored(row);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Stored<T> | null)[]> {
    checkKeys(this.definition.name, keys);
    if (keys.length === 0) return [];
    const wanted = [...new Set(keys)];
    const rows = await this.#run(this.definition.name, () =>
      this.#rows.find({ _id: { $in: wanted } }).toArray(),
    );
    const found = new Map(rows.map((row) => [row._id, row]));
    return keys.map((key) => {
      const row = found.get(key);
      return row ? this.#stored(row) : null;
    });
  }

  async insert(document: T): Promise<number> {
    return this.apply(this.prepare({ kind: 'insert', key: this.definition.key(document), document }));
  }

  async replace(document: T, expectedVersion: number): Promise<number> {
    const key = this.definition.key(document);
    return this.apply(this.prepare({ kind: 'replace', key, document, expectedVersion }));
  }

  async upsert(document: T): Promise<number> {
    return this.apply(this.prepare({ kind: 'upsert', key: this.definition.key(document), document }));
  }

  async remove(key: string, expectedVersion?: number): Promise<boolean> {
    const write = this.prepare({ kind: 'remove', key, expectedVersion });
    return this.#run(this.definition.name, () => this.#remove(write.key, expectedVersion));
  }

  async find(options: FindOptions): Promise<Page<T>> {
    const { name } = this.definition;
    const range = pageRangeOf(name, this.#indexes, options);
    const { field, filter } = this.#filter(range);
    const cursor = () =>
      this.#rows
        .find(filter)
        .sort({ [field]: range.reverse ? -1 : 1 })
        .limit(range.limit + 1);
    const rows = await this.#run(name, () => cursor().toArray());
    const shown = rows.slice(0, range.limit);
    const last = shown.at(-1);
    const entry = last && (range.index ? last.x[range.index.name] : last._id);
    return {
      items: shown.map((row) => this.#stored(row)),
      next: rows.length > range.limit && entry !== undefined ? cursorOf(entry) : null,
    };
  }

  async count(options: RangeOptions): Promise<number> {
    const { filter } = this.#filter(rangeOf(this.definition.name, this.#indexes, options));
    return this.#run(this.definition.name, () => this.#rows.countDocuments(filter));
  }

  /** Throws what the port says about bad writes. */
  prepare(operation: Parameters<typeof prepareWrite>[1]): PreparedWrite {
    return prepareWrite(this.definition, operation);
  }

  /** Resolves to the new version, 0 after a removal. */
  apply(write: PreparedWrite): Promise<number> {
    return this.#run(this.definition.name, async () => {
      if (write.kind === 'remove') {
        await this.#remove(write.key, write.expectedVersion);
        return 0;
      }
      if (write.kind === 'insert') return this.#insert(write);
      if (write.kind === 'upsert') return this.#upsert(write);
      const version = await this.#replace(write, write.expectedVersion);
      if (version === null) throw versionConflict(this.definition.name, write.expectedVersion);
      return version;
    });
  }

  #stored(row: Row): Stored<T> {
    return { key: row._id, version: row.v, document: fromBson(row.d) as T };
  }

  #filter(range: Range): { field: string; filter: Filter<Row> } {
    const field = range.index ? `x.${range.index.name}` : '_id';
    return { field, filter: { [field]: { $gte: range.from, $lt: range.to } } as Filter<Row> };
  }

  async #insert(put: PreparedPut): Promise<number> {
    try {
      await this.#rows.insertOne(rowOf(put, 1));
      return 1;
    } catch (error) {
      throw await this.#refusal(put, error, true);
    }
  }

  /** Null when the document is not at that version. */
  async #replace(put: PreparedPut, version: number): Promise<number | null> {
    try {
      const { _id, ...row } = rowOf(put, version + 1);
      const { matchedCount } = await this.#rows.replaceOne({ _id, v: version }, row);
      return matchedCount === 1 ? version + 1 : null;
    } catch (error) {
      throw await this.#refusal(put, error, false);
    }
  }

  async #upsert(put: PreparedPut): Promise<number> {
    for (let attempt = 0; attempt < UPSERT_ATTEMPTS; attempt += 1) {
      const version = await this.#upsertOnce(put);
      if (version !== null) return version;
    }
    throw new DocumentStoreError(
      'store_unavailable',
      `${this.definition.name}: too many writers of one document`,
    );
  }

  /** Null when another writer came between. */
  async #upsertOnce(put: PreparedPut): Promise<number | null> {
    const found = await this.#rows.findOne({ _id: put.key }, { projection: { v: 1 } });
    if (found) return this.#replace(put, found.v);
    try {
      return await this.#insert(put);
    } catch (error) {
      if (error instanceof DocumentStoreError && error.details.index === 'key') return null;
      throw error;
    }
  }

  async #remove(key: string, version: number | undefined): Promise<boolean> {
    const { deletedCount } = await this.#rows.deleteOne(
      version === undefined ? { _id: key } : { _id: key, v: version },
    );
    if (deletedCount === 0 && version !== undefined) throw versionConflict(this.definition.name, version);
    return deletedCount === 1;
  }

  /** Which index the server means: not all of them say, so look for the other document. */
  async #refusal(put: PreparedPut, error: unknown, inserting: boolean): Promise<unknown> {
    if (!mayBeDuplicate(error)) return error;
    const { name } = this.definition;
    if (inserting && (await this.#rows.findOne({ _id: put.key }, { projection: { v: 1 } })))
      return duplicateKey(name, 'key', error);
    for (const index of this.#indexes) {
      const entry = put.entries[index.name];
      if (!index.unique || entry === undefined) continue;
      const filter = { [`x.${index.name}`]: entry } as Filter<Row>;
      const other = await this.#rows.findOne(filter, { projection: { v: 1 } });
      if (other && other._id !== put.key) return duplicateKey(name, index.name, error);
    }
    return error;
  }
}
