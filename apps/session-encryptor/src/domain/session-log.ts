/**
 * The log of one session: the one place that adds records to it. Its callers run one at a time (KeyedQueue).
 *
 * A record is acknowledged when it is durable in the chunk store and its leaf is in the tree. The chunk store is the truth: what
 * was stored but not counted (the process died in between, or an append failed in an unknown state) is found by
 * reading on from the last count.
 */
import { type ChunkStore, isChunkStoreError } from '@lucid/chunk-store';
import { recordLeafHash } from '@lucid/pipeline';
import type { CallOptions, Log } from '@lucid/service-kit';
import {
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
} from '@lucid/session-format';
import type { EncryptorMeter } from '../encryptor-meter.ts';
import type { HeadCounts, SessionRow, SessionStore } from '../store/session-store.ts';
import { type CountedChunk, type CountedControl, HeadCounter, recordSizeBytes } from './head-counter.ts';
import { LeafFeed, type LeafFeedOptions } from './leaf-feed.ts';
import { problem, storing } from './problems.ts';

/** Records that may be stored beyond the last written count: bounds what a restart reads. */
const SAVE_EVERY_RECORDS = 64;

export interface SessionLogDependencies {
  readonly chunks: ChunkStore;
  readonly sessions: SessionStore;
  readonly merkle: LeafFeedOptions['merkle'];
  readonly log: Log;
  readonly meter: EncryptorMeter;
}

export interface WrittenRecord {
  readonly header: RecordHeader;
  readonly bytes: Uint8Array;
}

export class SessionLog {
  readonly sessionId: string;
  readonly #dependencies: SessionLogDependencies;
  readonly #feed: LeafFeed;
  #row: SessionRow;
  #version: number;
  #counter: HeadCounter;
  /** False until the chunk store said what is stored. */
  #certain = false;

  constructor(row: SessionRow, version: number, dependencies: SessionLogDependencies) {
    this.sessionId = row.sessionId;
    this.#dependencies = dependencies;
    this.#row = row;
    this.#version = version;
    this.#counter = new HeadCounter(row.head);
    this.#feed = new LeafFeed({
      sessionId: row.sessionId,
      merkle: dependencies.merkle,
      hashStored: (from, to) => this.#hashStored(from, to),
      acknowledged: row.state === 'closed' && row.leaves === row.head.records ? row.leaves : null,
    });
  }

  get chunkSizeBytes(): number {
    return this.#row.chunkSizeBytes;
  }

  get records(): number {
    return this.#counter.records;
  }

  get closed(): HeadCounts['closed'] {
    return this.#counter.closed;
  }

  hasTrack(track: number): boolean {
    return this.#row.trackNumbers.includes(track);
  }

  nextOffset(track: number): number {
    return this.#counter.nextOffset(track);
  }

  counts(): HeadCounts {
    return this.#counter.counts();
  }

  /** Makes sure that the counts are those of the chunk store. */
  async settle(): Promise<void> {
    if (this.#certain) return;
    const counted = this.#counter.records;
    if (this.#row.state === 'closed') {
      this.#certain = true;
      return;
    }
    const stored = await this.#storedRecords();
    if (stored < counted) throw this.#lostRecords(counted, stored);
    this.#feed.reset();
    for (let index = counted; index < stored; index += 1) {
      const { header, bytes } = await this.read(index);
      this.#count(header, bytes);
    }
    this.#certain = true;
  }

  /** A stored record that is sound in form. @throws ProblemError record_unknown, record_damaged */
  async read(index: number): Promise<WrittenRecord> {
    const bytes = await storing(this.#dependencies.chunks.read(this.sessionId, index));
    const parsed = parseRecordHeader(bytes);
    if (!parsed.ok) throw problem('record_damaged', { detail: `record ${index}: ${parsed.detail}` });
    return { header: parsed.header, bytes };
  }

  /** Stores the next record durably and counts it. @throws ProblemError store_full, unavailable */
  async append(
    parts: readonly Uint8Array[],
    leafHash: Uint8Array,
    counted: CountedChunk | CountedControl,
  ): Promise<void> {
    const index = this.records;
    const { chunks, meter } = this.#dependencies;
    try {
      await meter.storing(storing(chunks.append(this.sessionId, index, parts)));
    } catch (error) {
      this.#certain = false;
      throw error;
    }
    if ('type' in counted) {
      this.#counter.addControl(counted);
      meter.stored({ ...counted, plainSizeBytes: 0 });
    } else {
      this.#counter.addChunk(counted);
      meter.stored({ ...counted, type: 'chunk' });
    }
    this.#feed.push(index, leafHash);
  }

  /** Counts a chunk that somebody else of this process wrote durably as the next record. */
  adopt(chunk: CountedChunk, leafHash: Uint8Array): void {
    const index = this.records;
    this.#counter.addChunk(chunk);
    this.#dependencies.meter.stored({ ...chunk, type: 'chunk' });
    this.#feed.push(index, leafHash);
  }

  /** Resolves when every record so far is a leaf of the tree, and writes the counts down now and then. */
  async acknowledge(call?: CallOptions['call']): Promise<void> {
    await this.#feed.flush(this.records, call);
    const uncounted = this.records - this.#row.head.records;
    if (uncounted >= SAVE_EVERY_RECORDS || (this.closed && this.#row.state !== 'closed')) await this.save();
  }

  /** Writes the counts down. */
  async save(): Promise<void> {
    if (!this.#certain) return;
    const row: SessionRow = {
      ...this.#row,
      state: this.closed ? 'closed' : 'open',
      head: this.counts(),
      leaves: this.#feed.acknowledged,
    };
    this.#version = await storing(this.#dependencies.sessions.replace(row, this.#version));
    this.#row = row;
  }

  get unsaved(): boolean {
    return this.#certain && this.records !== this.#row.head.records;
  }

  async #storedRecords(): Promise<number> {
    try {
      const { records, droppedBytes } = await this.#dependencies.chunks.head(this.sessionId);
      if (droppedBytes > 0)
        this.#dependencies.log.warn({ sessionId: this.sessionId, droppedBytes }, 'torn tail removed');
      return records;
    } catch (error) {
      if (isChunkStoreError(error, 'session_unknown')) return 0;
      return storing(Promise.reject(error));
    }
  }

  #lostRecords(counted: number, stored: number): Error {
    this.#dependencies.log.error(
      { sessionId: this.sessionId, counted, stored },
      'the chunk store lost records that were acknowledged',
    );
    return problem('record_damaged', {
      detail: `${counted} records were acknowledged, ${stored} are stored`,
    });
  }

  #count(header: RecordHeader, bytes: Uint8Array): void {
    const { type, track, plainSizeBytes, capturedUntilUs: untilUs } = header;
    const sizeBytes = recordSizeBytes(header);
    if (type === 'chunk') {
      this.#counter.addChunk({ track, plainSizeBytes, sizeBytes, untilUs });
      return;
    }
    const closed = type === 'close' ? closedHow(bytes) : undefined;
    this.#counter.addControl({ type, sizeBytes, untilUs, closed });
  }

  async *#hashStored(from: number, to: number): AsyncGenerator<Uint8Array> {
    const records = this.#dependencies.chunks.readRange(this.sessionId, from, to);
    for await (const record of records) yield recordLeafHash([record]);
  }
}

/** A close record that does not say how was changed on the medium; the verifier will say so, here it only ends the log. */
function closedHow(bytes: Uint8Array): 'ended' | 'interrupted' {
  const parsed = parseDocument('sessionClose', bytes.subarray(RECORD_HEADER_BYTES));
  return parsed.ok ? parsed.value.closed : 'interrupted';
}
