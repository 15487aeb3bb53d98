/**
 * The document store port: small records that services keep (session states, outboxes, grants, leases).
 *
 * Documents are plain data: objects, arrays, strings, finite numbers, booleans, null and `Uint8Array`. A property whose value is
 * `undefined` is dropped. Each document has a key made from itself and a version that counts its writes, for compare-and-set.
 * A write is durable (survives power loss) when its promise resolves.
 */

/** What an index may hold. Numbers come before strings, strings before booleans; strings compare by code point. */
export type IndexValue = string | number | boolean;

export interface IndexDefinition {
  /** `[a-z][A-Za-z0-9]*`, not `key` or `expiry`. */
  readonly name: string;
  /** Top-level properties, most significant first. A document that lacks one (absent or null) is not in this index. */
  readonly fields: readonly string[];
  /** No two documents that are in this index have the same values. */
  readonly unique?: boolean;
}

export interface CollectionDefinition<T extends object> {
  /** `[a-z][a-z0-9-]*`, at most 48 characters, the same in every process that shares the store. */
  readonly name: string;
  /** The document's primary key; must depend on the document alone. 1 to 512 bytes of UTF-8. */
  readonly key: (document: T) => string;
  readonly indexes: readonly IndexDefinition[];
  /** Numeric property with the time, in milliseconds since 1970, from which `sweepExpired` removes the document. */
  readonly expiresAt?: string;
}

export interface Stored<T extends object> {
  readonly key: string;
  /** 1 after insert, one more with each write. Starts again at 1 when a removed key is inserted again. */
  readonly version: number;
  readonly document: T;
}

/** A range of one index: the documents whose first fields equal `equals`, bounded on the field after them. */
export interface RangeOptions {
  /** Name of an index, or `key` for the primary key. */
  readonly index: string;
  readonly equals?: readonly IndexValue[];
  /** The next field is a string that starts so. Excludes `from` and `to`. */
  readonly prefix?: string;
  /** The next field is at least this. */
  readonly from?: IndexValue;
  /** The next field is less than this. */
  readonly to?: IndexValue;
}

export interface FindOptions extends RangeOptions {
  readonly reverse?: boolean;
  /** 1 to 1000. */
  readonly limit: number;
  /** `next` of the page before. Stays good whatever is written between two pages; no document that stays put is skipped or repeated. */
  readonly after?: string;
}

export interface Page<T extends object> {
  readonly items: readonly Stored<T>[];
  /** Null when there was nothing more. URL-safe text. */
  readonly next: string | null;
}

/** All methods reject with `DocumentStoreError`; any may reject with `store_unavailable`, writes also with `store_full`. */
export interface Collection<T extends object> {
  readonly definition: CollectionDefinition<T>;
  /** Null when there is none. */
  get(key: string): Promise<Stored<T> | null>;
  /** In the order of `keys`, null where there is none. At most 1000. */
  getMany(keys: readonly string[]): Promise<readonly (Stored<T> | null)[]>;
  /** Resolves to the new version, 1. Rejects with `duplicate_key`. */
  insert(document: T): Promise<number>;
  /** Resolves to the new version. Rejects with `version_conflict` or `duplicate_key`. */
  replace(document: T, expectedVersion: number): Promise<number>;
  /** Inserts or replaces whatever is there; resolves to the new version. Rejects with `duplicate_key` of a unique index. */
  upsert(document: T): Promise<number>;
  /** Whether it was there. With `expectedVersion`, rejects with `version_conflict` where it is absent or at another version. */
  remove(key: string, expectedVersion?: number): Promise<boolean>;
  find(options: FindOptions): Promise<Page<T>>;
  count(range: RangeOptions): Promise<number>;
}

/** Made with `insertInto`, `replaceIn`, `upsertInto` and `removeFrom`. */
export interface BatchOperation {
  readonly collection: string;
  readonly kind: 'insert' | 'replace' | 'upsert' | 'remove';
  readonly key: string;
  /** Absent for `remove`. */
  readonly document?: object;
  /** For `replace`, and for `remove` where the version matters. */
  readonly expectedVersion?: number;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Fencing number: higher with each acquisition of this name, for ever. Store it beside what the lease protects. */
  readonly token: number;
  /** Milliseconds since 1970 by the clock of the store's user. */
  readonly expiresAtMs: number;
}

export interface StoreCheck {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** One sentence when not ok. */
  readonly why?: string;
}

export interface DocumentStore {
  /** True where a batch is all or nothing. Otherwise each operation is, in order, and the first failure ends the batch. */
  readonly atomicBatch: boolean;
  /** Opens (makes, or brings to the declared indexes) a collection. Two different definitions of one name are a `TypeError`. */
  collection<T extends object>(definition: CollectionDefinition<T>): Promise<Collection<T>>;
  /**
   * At most 1000 writes, in order, to collections that are open; resolves to the new versions (0 for a removal).
   * Rejects like the operation that failed, `details.operation` being its position.
   */
  batch(operations: readonly BatchOperation[]): Promise<readonly number[]>;
  /** Null while somebody (the same holder included) has it. */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Null when it was lost: expired and taken by another, or released. */
  renewLease(lease: Lease, ttlMs: number): Promise<Lease | null>;
  /** False when it was lost before. */
  releaseLease(lease: Lease): Promise<boolean>;
  /** Removes documents of open collections whose `expiresAt` is at most `nowMs`; resolves to how many. Call it from a timer. */
  sweepExpired(nowMs: number): Promise<number>;
  /** For readiness; never rejects. */
  check(): Promise<StoreCheck>;
  /** Ends writes under way, then refuses. Safe to call twice. */
  close(): Promise<void>;
}
