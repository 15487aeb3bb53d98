/** Counts the records of one session as they become durable. */
import { RECORD_HEADER_BYTES, type RecordHeader } from '@lucid/session-format';
import type { HeadCounts, TrackCounts } from '../store/session-store.ts';

interface CountedRecord {
  /** The whole record, header included. */
  readonly sizeBytes: number;
  /** Time of its last byte. */
  readonly untilUs: number;
}

export interface CountedChunk extends CountedRecord {
  readonly track: number;
  readonly plainSizeBytes: number;
}

export interface CountedControl extends CountedRecord {
  readonly type: Exclude<RecordHeader['type'], 'chunk'>;
  readonly closed?: HeadCounts['closed'];
}

export class HeadCounter {
  readonly #head: HeadCounts;
  readonly #tracks: Map<number, TrackCounts>;

  constructor(from: HeadCounts) {
    this.#head = { ...from, tracks: [] };
    this.#tracks = new Map(from.tracks.map((each) => [each.track, { ...each }]));
  }

  get records(): number {
    return this.#head.records;
  }

  get closed(): HeadCounts['closed'] {
    return this.#head.closed;
  }

  /** Where the next chunk of the track begins. */
  nextOffset(track: number): number {
    return this.#tracks.get(track)?.plainBytes ?? 0;
  }

  addChunk(chunk: CountedChunk): void {
    const { track, plainSizeBytes } = chunk;
    this.#add(chunk);
    this.#head.chunks += 1;
    this.#head.plainBytes += plainSizeBytes;
    const counts = this.#tracks.get(track) ?? { track, chunks: 0, plainBytes: 0 };
    counts.chunks += 1;
    counts.plainBytes += plainSizeBytes;
    this.#tracks.set(track, counts);
  }

  addControl(control: CountedControl): void {
    this.#add(control);
    if (control.type === 'event') this.#head.events += 1;
    if (control.type === 'close') this.#head.closed = control.closed;
  }

  counts(): HeadCounts {
    const tracks = [...this.#tracks.values()].sort((a, b) => a.track - b.track).map((each) => ({ ...each }));
    return { ...this.#head, tracks };
  }

  #add({ sizeBytes, untilUs }: CountedRecord): void {
    this.#head.records += 1;
    this.#head.storedBytes += sizeBytes;
    this.#head.capturedUntilUs = Math.max(this.#head.capturedUntilUs, untilUs);
  }
}

export const recordSizeBytes = (header: RecordHeader): number =>
  RECORD_HEADER_BYTES + header.payloadSizeBytes;
