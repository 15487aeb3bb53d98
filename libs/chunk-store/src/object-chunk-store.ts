/**
 * A chunk store over anything that keeps named objects whole (S3, GridFS, memory): one object per record, one for the
 * trailer, one that marks the session. Order, idempotence and repair are decided here, once.
 *
 * Objects appear whole or not at all, so there are no torn records; but overlapping appends may leave record 6 stored
 * without record 5 when a writer dies. Such orphans were never acknowledged and are dropped by the next writer.
 */
import type { ChunkStore, ChunkStoreKind, SessionHead, SessionLayout, StoredSession } from './chunk-store.ts';
import { ChunkStoreError } from './errors.ts';
import { assertRecord, assertSessionId, joinParts, PREAMBLE_SIZE_BYTES } from './record-frame.ts';
import { assertTrailer } from './trailer.ts';

export interface StoredObject {
  readonly name: string;
  readonly sizeBytes: number;
}

/** What an adapter provides. All methods reject with ChunkStoreError; what resolved is durable. */
export interface ObjectBackend {
  readonly kind: ChunkStoreKind;
  /** Stores the object unless one of this name exists; never replaces. */
  putNew(sessionId: string, name: string, parts: readonly Uint8Array[]): Promise<'stored' | 'exists'>;
  /** Stores or replaces, whole or not at all. */
  put(sessionId: string, name: string, bytes: Uint8Array): Promise<void>;
  get(sessionId: string, name: string): Promise<Uint8Array | null>;
  has(sessionId: string, name: string): Promise<boolean>;
  /** All objects of the session, in no order. */
  list(sessionId: string): AsyncIterable<StoredObject>;
  sessions(): AsyncIterable<string>;
  delete(sessionId: string, names: readonly string[]): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

const MARKER = 'session';
const TRAILER = 'trailer';
const MARKER_BYTES = new TextEncoder().encode('lucid-session/1\n');
const RECORD_NAME = /^[0-9]{12}$/;
/** Idle writers remembered; beyond it the oldest is forgotten and listed anew when needed. */
const MAX_WRITERS = 256;

const recordName = (index: number): string => String(index).padStart(12, '0');

interface Snapshot {
  readonly sizes: number[];
  readonly storedBytes: number;
  readonly finished: boolean;
  readonly orphans: readonly StoredObject[];
}

interface Writer {
  readonly sizes: number[];
  storedBytes: number;
  /** Appends accepted; those past `sizes.length` are under way. */
  claimed: number;
  /** Resolves when every accepted append is durable. */
  tail: Promise<void>;
  finished: boolean;
  failed: boolean;
}

function layoutOf(sizes: readonly number[]): SessionLayout {
  const offsets = new Float64Array(sizes.length);
  let offset = PREAMBLE_SIZE_BYTES;
  for (const [index, size] of sizes.entries()) {
    offsets[index] = offset;
    offset += size;
  }
  return { offsets, sizes: Uint32Array.from(sizes), endOffset: offset };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export class ObjectChunkStore implements ChunkStore {
  readonly kind: ChunkStoreKind;
  readonly #backend: ObjectBackend;
  readonly #writers = new Map<string, Promise<Writer>>();

  constructor(backend: ObjectBackend) {
    this.kind = backend.kind;
    this.#backend = backend;
  }

  async create(sessionId: string): Promise<void> {
    assertSessionId(sessionId);
    if (await this.#backend.has(sessionId, TRAILER))
      throw new ChunkStoreError('session_finished', { sessionId });
    await this.#backend.putNew(sessionId, MARKER, [MARKER_BYTES]);
  }

  async append(sessionId: string, index: number, record: readonly Uint8Array[]): Promise<void> {
    const sizeBytes = assertRecord(sessionId, index, record);
    const writer = await this.#writer(sessionId);
    if (writer.finished) throw new ChunkStoreError('session_finished', { sessionId, index });
    if (writer.failed) {
      throw new ChunkStoreError('store_unavailable', {
        sessionId,
        index,
        detail: 'an earlier append failed',
      });
    }
    if (index > writer.claimed) throw new ChunkStoreError('record_out_of_order', { sessionId, index });
    if (index < writer.claimed) {
      await writer.tail;
      return this.#compare(sessionId, index, record);
    }
    writer.claimed += 1;
    writer.tail = this.#settleInOrder(writer, sizeBytes, writer.tail, this.#store(sessionId, index, record));
    return writer.tail;
  }

  async head(sessionId: string): Promise<SessionHead> {
    assertSessionId(sessionId);
    const known = await this.#writers.get(sessionId);
    await known?.tail.catch(() => undefined);
    if (known && !known.failed)
      return { records: known.sizes.length, storedBytes: known.storedBytes, droppedBytes: 0 };
    this.#writers.delete(sessionId);
    const { sizes, storedBytes, orphans } = await this.#snapshot(sessionId);
    await this.#drop(sessionId, orphans);
    return {
      records: sizes.length,
      storedBytes,
      droppedBytes: orphans.reduce((sum, each) => sum + each.sizeBytes, 0),
    };
  }

  async read(sessionId: string, index: number): Promise<Uint8Array> {
    assertSessionId(sessionId);
    const bytes = await this.#backend.get(sessionId, recordName(index));
    if (bytes !== null) return bytes;
    await this.#assertKnown(sessionId);
    throw new ChunkStoreError('record_missing', { sessionId, index });
  }

  async *readRange(sessionId: string, from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let index = from; index < to; index += 1) yield await this.read(sessionId, index);
  }

  async finish(sessionId: string, trailer: Uint8Array): Promise<{ path?: string }> {
    assertSessionId(sessionId);
    const writer = await this.#writer(sessionId);
    await writer.tail.catch(() => undefined);
    if (writer.failed)
      throw new ChunkStoreError('store_unavailable', { sessionId, detail: 'an append failed' });
    assertTrailer(trailer, PREAMBLE_SIZE_BYTES + writer.storedBytes);
    writer.finished = true;
    await this.#backend.put(sessionId, TRAILER, trailer);
    this.#writers.delete(sessionId);
    return {};
  }

  async layout(sessionId: string): Promise<SessionLayout> {
    assertSessionId(sessionId);
    const { sizes } = await this.#snapshot(sessionId);
    return layoutOf(sizes);
  }

  async trailer(sessionId: string): Promise<Uint8Array | null> {
    assertSessionId(sessionId);
    const bytes = await this.#backend.get(sessionId, TRAILER);
    if (bytes === null) await this.#assertKnown(sessionId);
    return bytes;
  }

  async *list(): AsyncGenerator<StoredSession, void, undefined> {
    for await (const sessionId of this.#backend.sessions()) {
      yield { sessionId, finished: await this.#backend.has(sessionId, TRAILER) };
    }
  }

  /** The marker goes last, so an interrupted removal is still listed and can be repeated. */
  async remove(sessionId: string): Promise<void> {
    assertSessionId(sessionId);
    const writer = await this.#writers.get(sessionId)?.catch(() => undefined);
    await writer?.tail.catch(() => undefined);
    this.#writers.delete(sessionId);
    const objects: StoredObject[] = [];
    for await (const object of this.#backend.list(sessionId))
      if (object.name !== MARKER) objects.push(object);
    await this.#drop(sessionId, objects);
    await this.#backend.delete(sessionId, [MARKER]);
  }

  check(): Promise<void> {
    return this.#backend.check();
  }

  async close(): Promise<void> {
    const writers = await Promise.allSettled(this.#writers.values());
    await Promise.allSettled(
      writers.map((each) => (each.status === 'fulfilled' ? each.value.tail : undefined)),
    );
    this.#writers.clear();
    await this.#backend.close();
  }

  #writer(sessionId: string): Promise<Writer> {
    const known = this.#writers.get(sessionId);
    if (known) return known;
    const opened = this.#openWriter(sessionId);
    this.#writers.set(sessionId, opened);
    opened.catch(() => this.#writers.delete(sessionId));
    void this.#forgetIdleWriters(sessionId);
    return opened;
  }

  async #openWriter(sessionId: string): Promise<Writer> {
    const { sizes, storedBytes, finished, orphans } = await this.#snapshot(sessionId);
    await this.#drop(sessionId, orphans);
    return { sizes, storedBytes, claimed: sizes.length, tail: Promise.resolve(), finished, failed: false };
  }

  async #forgetIdleWriters(except: string): Promise<void> {
    if (this.#writers.size <= MAX_WRITERS) return;
    for (const [sessionId, opening] of this.#writers) {
      const writer = await opening.catch(() => undefined);
      const idle = writer && !writer.failed && writer.claimed === writer.sizes.length;
      if (sessionId !== except && idle && this.#writers.get(sessionId) === opening) {
        this.#writers.delete(sessionId);
        return;
      }
    }
  }

  async #store(sessionId: string, index: number, record: readonly Uint8Array[]): Promise<void> {
    const outcome = await this.#backend.putNew(sessionId, recordName(index), record);
    if (outcome === 'exists') await this.#compare(sessionId, index, record);
  }

  /** An append counts only after all before it; when one fails, everything after it fails too. */
  async #settleInOrder(
    writer: Writer,
    sizeBytes: number,
    before: Promise<void>,
    own: Promise<void>,
  ): Promise<void> {
    const [earlier, stored] = await Promise.allSettled([before, own]);
    if (earlier.status === 'fulfilled' && stored.status === 'fulfilled') {
      writer.sizes.push(sizeBytes);
      writer.storedBytes += sizeBytes;
      return;
    }
    writer.failed = true;
    if (stored.status === 'rejected') throw stored.reason;
    const cause = earlier.status === 'rejected' ? earlier.reason : undefined;
    throw new ChunkStoreError('store_unavailable', { detail: 'an earlier append failed', cause });
  }

  async #compare(sessionId: string, index: number, record: readonly Uint8Array[]): Promise<void> {
    const stored = await this.#backend.get(sessionId, recordName(index));
    if (stored === null) throw new ChunkStoreError('record_missing', { sessionId, index });
    if (!sameBytes(stored, joinParts(record)))
      throw new ChunkStoreError('record_conflict', { sessionId, index });
  }

  async #snapshot(sessionId: string): Promise<Snapshot> {
    const records = new Map<string, StoredObject>();
    let known = false;
    let finished = false;
    for await (const object of this.#backend.list(sessionId)) {
      known ||= object.name === MARKER;
      finished ||= object.name === TRAILER;
      if (RECORD_NAME.test(object.name)) records.set(object.name, object);
    }
    if (!known) throw new ChunkStoreError('session_unknown', { sessionId });
    const sizes: number[] = [];
    let storedBytes = 0;
    for (let next = records.get(recordName(0)); next; next = records.get(recordName(sizes.length))) {
      sizes.push(next.sizeBytes);
      storedBytes += next.sizeBytes;
      records.delete(next.name);
    }
    if (finished && records.size > 0) {
      throw new ChunkStoreError('store_damaged', {
        sessionId,
        index: sizes.length,
        detail: 'a record of a closed session is gone',
      });
    }
    return { sizes, storedBytes, finished, orphans: [...records.values()] };
  }

  async #drop(sessionId: string, objects: readonly StoredObject[]): Promise<void> {
    if (objects.length > 0) {
      await this.#backend.delete(
        sessionId,
        objects.map((each) => each.name),
      );
    }
  }

  async #assertKnown(sessionId: string): Promise<void> {
    if (!(await this.#backend.has(sessionId, MARKER)))
      throw new ChunkStoreError('session_unknown', { sessionId });
  }
}
