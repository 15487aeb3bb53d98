/** One collection in the tables of an environment. Reads are synchronous in LMDB and see one snapshot per call. */
import {
  type Collection,
  type CollectionDefinition,
  checkKeys,
  cursorOf,
  DocumentStoreError,
  duplicateKey,
  type Entries,
  entriesOf,
  type FindOptions,
  type IndexDefinition,
  indexesOf,
  indexSignature,
  type Page,
  type PageRange,
  type PreparedWrite,
  pageRangeOf,
  prepareWrite,
  type Range,
  type RangeOptions,
  rangeOf,
  type Stored,
  versionConflict,
} from '@lucid/document-store';
import type { Environment } from './environment.ts';
import { damaged } from './lmdb-errors.ts';
import { type DocumentRecord, decodeRecord, encodeRecord } from './record.ts';

const END = '\u0001';

export class LmdbCollection<T extends object> implements Collection<T> {
  readonly definition: CollectionDefinition<T>;
  readonly #environment: Environment;
  readonly #indexes: readonly IndexDefinition[];
  readonly #signatures: string;

  constructor(environment: Environment, definition: CollectionDefinition<T>) {
    this.definition = definition;
    this.#environment = environment;
    this.#indexes = indexesOf(definition);
    this.#signatures = JSON.stringify(
      Object.fromEntries(this.#indexes.map((each) => [each.name, indexSignature(each)]).sort()),
    );
  }

  async get(key: string): Promise<Stored<T> | null> {
    checkKeys(this.definition.name, [key]);
    return this.#environment.read(() => this.#stored(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Stored<T> | null)[]> {
    checkKeys(this.definition.name, keys);
    return this.#environment.read(() => keys.map((key) => this.#stored(key)));
  }

  async insert(document: T): Promise<number> {
    return this.#write(this.prepare({ kind: 'insert', key: this.definition.key(document), document }));
  }

  async replace(document: T, expectedVersion: number): Promise<number> {
    const key = this.definition.key(document);
    return this.#write(this.prepare({ kind: 'replace', key, document, expectedVersion }));
  }

  async upsert(document: T): Promise<number> {
    return this.#write(this.prepare({ kind: 'upsert', key: this.definition.key(document), document }));
  }

  async remove(key: string, expectedVersion?: number): Promise<boolean> {
    const write = this.prepare({ kind: 'remove', key, expectedVersion });
    return this.#environment.write(() => {
      const found = this.#record(key) !== null;
      this.apply(write);
      return found;
    });
  }

  async find(options: FindOptions): Promise<Page<T>> {
    const range = pageRangeOf(this.definition.name, this.#indexes, options);
    return this.#environment.read(() => this.#page(range));
  }

  async count(options: RangeOptions): Promise<number> {
    const range = rangeOf(this.definition.name, this.#indexes, options);
    const { table, start, end } = this.#bounds(range);
    return this.#environment.read(() => table.getKeysCount({ start, end }));
  }

  /** Throws what the port says about bad writes; touches nothing. */
  prepare(operation: Parameters<typeof prepareWrite>[1]): PreparedWrite {
    return prepareWrite(this.definition, operation);
  }

  /** Only inside `environment.write`. Returns the new version, 0 after a removal. */
  apply(write: PreparedWrite): number {
    this.#checkSignatures();
    const { name } = this.definition;
    const found = this.#record(write.key);
    if (write.kind === 'insert' && found) throw duplicateKey(name, 'key');
    if ('expectedVersion' in write && write.expectedVersion !== undefined) {
      const version = found?.version ?? 0;
      if (version !== write.expectedVersion) throw versionConflict(name, write.expectedVersion, version);
    }
    const before = found ? entriesOf(this.definition, write.key, found.document) : {};
    if (write.kind === 'remove') {
      this.#moveEntries(write.key, before, {});
      this.#environment.documents.remove(this.#documentKey(write.key));
      return 0;
    }
    this.#moveEntries(write.key, before, write.entries);
    const version = (found?.version ?? 0) + 1;
    const key = this.#documentKey(write.key);
    this.#environment.documents.put(key, encodeRecord(key, { version, document: write.document }));
    return version;
  }

  /** Brings the entries on disk to the declared indexes, in one transaction. Rejects with `duplicate_key`. */
  async open(): Promise<void> {
    if (this.#environment.read(() => this.#signaturesOnDisk()) === this.#signatures) return;
    await this.#environment.write(() => this.#rebuild());
  }

  async #write(write: PreparedWrite): Promise<number> {
    return this.#environment.write(() => this.apply(write));
  }

  #documentKey(key: string): Buffer {
    return Buffer.from(this.definition.name + END + key);
  }

  #entryKey(index: string, entry: string): Buffer {
    return Buffer.from(this.definition.name + END + index + END + entry);
  }

  #record(key: string): DocumentRecord | null {
    const documentKey = this.#documentKey(key);
    const bytes = this.#environment.documents.getBinary(documentKey);
    if (!bytes) return null;
    const record = decodeRecord(documentKey, bytes);
    if (!record) throw damaged(this.#environment.folder, `a document of ${this.definition.name} has changed`);
    return record;
  }

  #stored(key: string): Stored<T> | null {
    const record = this.#record(key);
    return record && { key, version: record.version, document: record.document as T };
  }

  #moveEntries(key: string, before: Entries, after: Entries): void {
    const { entries } = this.#environment;
    for (const index of this.#indexes) {
      const from = before[index.name];
      const to = after[index.name];
      if (from === to) continue;
      if (from !== undefined) entries.remove(this.#entryKey(index.name, from));
      if (to === undefined) continue;
      const entryKey = this.#entryKey(index.name, to);
      if (index.unique && entries.getBinary(entryKey)) throw duplicateKey(this.definition.name, index.name);
      entries.put(entryKey, Buffer.from(key));
    }
  }

  #bounds(range: Range) {
    const { documents, entries } = this.#environment;
    const edge = (entry: string): Buffer =>
      range.index ? this.#entryKey(range.index.name, entry) : this.#documentKey(entry);
    return { table: range.index ? entries : documents, start: edge(range.from), end: edge(range.to) };
  }

  #page(range: PageRange): Page<T> {
    const { table, start, end } = this.#bounds(range);
    // One more than asked tells whether there is a next page.
    const limit = range.limit + 1;
    const keys = range.reverse
      ? table.getKeys({
          start: end,
          end: start,
          reverse: true,
          exclusiveStart: true,
          inclusiveEnd: true,
          limit,
        })
      : table.getKeys({ start, end, limit });
    const found = [...keys].map((key) => Buffer.from(key));
    const shown = found.slice(0, range.limit);
    const skip = range.index ? this.#entryKey(range.index.name, '').length : this.#documentKey('').length;
    const last = shown.at(-1);
    return {
      items: shown.map((key) => this.#itemAt(range, key, skip)),
      next: found.length > range.limit && last ? cursorOf(last.toString('utf8', skip)) : null,
    };
  }

  #itemAt(range: PageRange, tableKey: Buffer, skip: number): Stored<T> {
    const key = range.index
      ? this.#environment.entries.getBinary(tableKey)?.toString()
      : tableKey.toString('utf8', skip);
    const item = key === undefined ? null : this.#stored(key);
    if (item) return item;
    throw damaged(
      this.#environment.folder,
      `index ${range.index?.name} of ${this.definition.name} points to nothing`,
    );
  }

  #metaKey(): Buffer {
    return Buffer.from(`collection${END}${this.definition.name}`);
  }

  #signaturesOnDisk(): string | undefined {
    return this.#environment.meta.getBinary(this.#metaKey())?.toString();
  }

  /** Another process, of another version, may have opened the folder and changed what is indexed. */
  #checkSignatures(): void {
    if (this.#signaturesOnDisk() === this.#signatures) return;
    throw new DocumentStoreError(
      'store_incompatible',
      `another program has changed the indexes of ${this.definition.name}; restart this one`,
    );
  }

  #rebuild(): void {
    const { documents, entries, meta } = this.#environment;
    const all = (name: string) => ({ start: Buffer.from(name + END), end: Buffer.from(`${name}\u0002`) });
    const stale = [...entries.getKeys(all(this.definition.name))].map((key) => Buffer.from(key));
    for (const key of stale) entries.remove(key);
    const skip = this.#documentKey('').length;
    const keys = [...documents.getKeys(all(this.definition.name))].map((key) => key.toString('utf8', skip));
    for (const key of keys) {
      const record = this.#record(key);
      if (record) this.#moveEntries(key, {}, entriesOf(this.definition, key, record.document));
    }
    meta.put(this.#metaKey(), Buffer.from(this.#signatures));
  }
}
