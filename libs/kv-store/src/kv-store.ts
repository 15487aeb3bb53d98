/**
 * The ordered key-value port: keys and values are bytes, keys are ordered as unsigned bytes, and one batch is all or
 * nothing. It holds what an append-only log needs and no more, so that an engine is a small adapter.
 *
 * Every method rejects with a `KvError`. Bytes handed in may be changed by the caller once the promise is settled,
 * not before; bytes handed out belong to the caller.
 */
export type KvOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

export interface KvBatchOptions {
  /** True: the batch is on the disk (fsync) before the promise resolves. False: it may be lost with the power, not with the process. */
  readonly sync: boolean;
}

/** Half open: `gte <= key < lt`; an absent bound is no bound. */
export interface KvRange {
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  /** From the last key to the first. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

export type KvEntry = readonly [key: Uint8Array, value: Uint8Array];

export interface KvHealth {
  readonly ok: boolean;
  /** Why not; absent when ok. */
  readonly reason?: string;
}

export interface KvStore {
  /** Undefined where the key is absent. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** In the order of `keys`, undefined where absent. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /**
   * Applies all operations in order, or none. After a rejection it is unknown whether a sync batch is stored: the
   * caller opens the store anew and looks.
   */
  batch(operations: readonly KvOperation[], options: KvBatchOptions): Promise<void>;
  /** A consistent view as of the first step. Stopping early releases the engine's cursor. */
  iterate(range?: KvRange): AsyncIterable<KvEntry>;
  /** Whether the store answers and its last batch did not fail. Never rejects. */
  check(): Promise<KvHealth>;
  /** Waits for what is under way. A second call does nothing. */
  close(): Promise<void>;
}
