/**
 * The chunk store port: where the stored records of sessions lie (docs/evidence-format.md sections 1 and 7).
 *
 * A session is a log of records numbered from 0. A record is opaque but for its frame (record-frame.ts): its session,
 * its index and its size. A store keeps records exactly as given; it neither opens, judges nor changes them.
 *
 * One process writes a session. Several may read it. What an adapter acknowledges survives the death of this process
 * and, as far as the medium keeps its promises, of the machine.
 */

/** Adapters of this port; `memory` is for tests and keeps nothing. */
export type ChunkStoreKind = 'files' | 'gridfs' | 's3' | 'memory';

/** What of a session is safely stored. */
export interface SessionHead {
  /** Records 0 to `records - 1` are there; the next one to append has this index. */
  readonly records: number;
  /** Sum of their sizes, headers included (`storedBytes` of the manifest). */
  readonly storedBytes: number;
  /** Bytes of never acknowledged records that this call removed; 0 unless an earlier writer died or failed. */
  readonly droppedBytes: number;
}

/** Where each record lies in the session's `.lucid` file; for stores without such a file, where it would lie. */
export interface SessionLayout {
  /** Offset of record i in the file, in bytes. */
  readonly offsets: Float64Array;
  /** Size of record i with its header, in bytes. */
  readonly sizes: Uint32Array;
  /** Where the record area ends and the trailer begins. */
  readonly endOffset: number;
}

export interface StoredSession {
  readonly sessionId: string;
  /** A trailer is stored and no record can be added any more. */
  readonly finished: boolean;
}

/**
 * Every method rejects with a ChunkStoreError, or with TypeError/RangeError where an argument is not what it must be.
 * `sessionId` is 64 lower-case hex digits. Caller's bytes must stay unchanged until the promise settles.
 */
export interface ChunkStore {
  readonly kind: ChunkStoreKind;

  /** Makes room for a session. Doing it again is fine. @throws session_finished */
  create(sessionId: string): Promise<void>;

  /**
   * Stores the record whose bytes are the parts one after the other; durable when it resolves. Appends may overlap as long as
   * they are called in index order; one resolves only after all before it are durable. The same record again resolves.
   *
   * After `store_full` or `store_unavailable` nothing more is accepted for the session until `head` was called, which
   * finds out what is really stored.
   * @throws record_conflict, record_out_of_order, session_unknown, session_finished, store_full, store_unavailable, store_damaged
   */
  append(sessionId: string, index: number, record: readonly Uint8Array[]): Promise<void>;

  /** What is stored. Removes a torn tail that was never acknowledged. @throws session_unknown, store_damaged */
  head(sessionId: string): Promise<SessionHead>;

  /** One record's bytes. @throws session_unknown, record_missing */
  read(sessionId: string, index: number): Promise<Uint8Array>;

  /** Records `from` to `to - 1`, one in memory at a time. @throws session_unknown, record_missing */
  readRange(sessionId: string, from: number, to: number): AsyncIterable<Uint8Array>;

  /**
   * Closes the session with its trailer: sections and footer of section 7, whose footer must name `layout().endOffset` as
   * the first section's offset. Again with another trailer replaces it whole or not at all, whatever dies meanwhile.
   * Calls for a session must not overlap. `path` is the `.lucid` file where the store has one.
   * @throws session_unknown
   */
  finish(sessionId: string, trailer: Uint8Array): Promise<{ readonly path?: string }>;

  /** @throws session_unknown */
  layout(sessionId: string): Promise<SessionLayout>;

  /** The trailer, or null where the session is not finished. @throws session_unknown */
  trailer(sessionId: string): Promise<Uint8Array | null>;

  /** All sessions, in no order. */
  list(): AsyncIterable<StoredSession>;

  /** Deletes a session and all its records. An unknown session is fine. */
  remove(sessionId: string): Promise<void>;

  /** Resolves where the store is reachable and, as far as can be told without leaving anything there, writable and not full. @throws store_unavailable, store_read_only, store_full */
  check(): Promise<void>;

  /** Waits for what is under way, then lets go of files and connections. */
  close(): Promise<void>;
}
