/**
 * The plain bytes of a track, chunk after chunk, from a finished bundle. Memory: one record, one packed and one plain chunk,
 * whatever the session's length. Every chunk's tag is verified before a byte of it is given, and that chunks join without gap.
 */
import { keyCommitment, openChunk } from '@lucid/pipeline';
import { RECORD_HEADER_BYTES, type RecordHeader } from '@lucid/session-format';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import type { BundleFile, RecordPlace } from './open-bundle.ts';

export interface PlainChunk {
  readonly header: RecordHeader;
  /** Good until the next chunk is asked for. */
  readonly plain: Uint8Array;
}

export interface TrackRange {
  readonly track: number;
  /** Bytes of the track, from inclusive, until exclusive; the whole track without. */
  readonly fromByte?: number;
  readonly untilByte?: number;
}

/** Records up to this size are read many at once. */
const WINDOW_BYTES = 1024 * 1024;

const timeText = (us: number): string => new Date(us / 1000).toISOString();

/** Reads records one by one where they are large, many at a time where they are small. */
class RecordWindow {
  readonly #bundle: BundleFile;
  #buffer = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(bundle: BundleFile) {
    this.#bundle = bundle;
  }

  /** A view, good until the next call. */
  record({ offset, sizeBytes }: RecordPlace, wantedBytes = sizeBytes): Uint8Array {
    const end = offset + wantedBytes;
    if (offset < this.#start || end > this.#start + this.#length) {
      if (wantedBytes > this.#buffer.length) this.#buffer = new Uint8Array(wantedBytes);
      const room = this.#bundle.footer.trailerOffset - offset;
      const small = sizeBytes * 2 < WINDOW_BYTES;
      this.#length = small ? Math.min(WINDOW_BYTES, room) : wantedBytes;
      this.#start = offset;
      this.#bundle.readInto(this.#buffer.subarray(0, this.#length), offset);
    }
    return this.#buffer.subarray(offset - this.#start, end - this.#start);
  }
}

function chunkFault(bundle: BundleFile, header: RecordHeader, fault: 'tag_wrong' | 'not_decompressible') {
  const why =
    fault === 'tag_wrong'
      ? 'does not open with the session key: it was changed after it was recorded'
      : 'was sealed by the recorder with bytes that do not decompress';
  return bundle.damaged(
    `record ${header.index} (recorded ${timeText(header.capturedFromUs)}, byte ${header.plainOffset} of track ${header.track}) ${why}`,
    `; to open what still opens: lucid open --unverified ${bundle.path}`,
  );
}

/** The next chunk of the track that reaches into the range, as header and whole record; null at the end. */
class TrackCursor {
  readonly #bundle: BundleFile;
  readonly #range: Required<TrackRange>;
  readonly #window: RecordWindow;
  readonly #partial: boolean;
  #index = 0;
  #nextOffset = 0;

  constructor(bundle: BundleFile, range: TrackRange) {
    this.#bundle = bundle;
    this.#window = new RecordWindow(bundle);
    this.#partial = range.fromByte !== undefined;
    this.#range = { fromByte: 0, untilByte: Number.POSITIVE_INFINITY, ...range };
  }

  next(): { header: RecordHeader; record: Uint8Array } | null {
    const { track, fromByte, untilByte } = this.#range;
    while (this.#index < this.#bundle.recordCount && this.#nextOffset < untilByte) {
      const index = this.#index++;
      const place = this.#bundle.placeInIndex(index);
      const head = this.#window.record(place, this.#partial ? RECORD_HEADER_BYTES : place.sizeBytes);
      const header = this.#bundle.headerOf(head, index, place.sizeBytes);
      if (header.type !== 'chunk' || header.track !== track) continue;
      this.#join(header);
      if (this.#nextOffset > fromByte) return { header, record: this.#window.record(place) };
    }
    return null;
  }

  #join(header: RecordHeader): void {
    const { index, track, plainOffset, plainSizeBytes } = header;
    if (plainOffset !== this.#nextOffset)
      throw this.#bundle.damaged(
        `record ${index} begins at byte ${plainOffset} of track ${track}, the chunk before it ended at ${this.#nextOffset}`,
      );
    this.#nextOffset += plainSizeBytes;
  }
}

/** @throws CliError verification_failed naming the record */
export function* openTrack(
  bundle: BundleFile,
  sessionKey: Uint8Array,
  codec: ZstdCodec,
  range: TrackRange,
): Generator<PlainChunk> {
  const cursor = new TrackCursor(bundle, range);
  const { fromByte = 0, untilByte = Number.POSITIVE_INFINITY } = range;
  let into = new Uint8Array(0);
  for (let next = cursor.next(); next; next = cursor.next()) {
    const { header, record } = next;
    const { plainOffset, plainSizeBytes } = header;
    if (into.length < plainSizeBytes) into = new Uint8Array(plainSizeBytes);
    const opened = openChunk(sessionKey, codec, header, record, into);
    if (!opened.ok) throw chunkFault(bundle, header, opened.fault);
    const from = Math.max(0, fromByte - plainOffset);
    const until = Math.min(plainSizeBytes, untilByte - plainOffset);
    yield { header, plain: opened.plain.subarray(from, until) };
  }
}

/** Whether the key is the one that the session was recorded with (docs/evidence-format.md section 1.3). */
export const isSessionKey = (bundle: BundleFile, sessionKey: Uint8Array): boolean =>
  keyCommitment(sessionKey, bundle.sessionId) === bundle.sessionHeader.keyCommitment;

let keptCodec: Promise<ZstdCodec> | null = null;
export const readingCodec = (): Promise<ZstdCodec> => {
  keptCodec ??= openZstd('auto');
  return keptCodec;
};

/** One chunk at random: record `index`. @throws CliError usage, verification_failed */
export function openChunkAt(
  bundle: BundleFile,
  sessionKey: Uint8Array,
  codec: ZstdCodec,
  index: number,
): Uint8Array {
  const place = bundle.placeOf(index);
  const record = bundle.read(place.offset, place.sizeBytes);
  const header = bundle.headerOf(record, index);
  if (header.type !== 'chunk')
    throw bundle.damaged(`record ${index} is no chunk but a ${header.type} record`);
  const opened = openChunk(sessionKey, codec, header, record);
  if (!opened.ok) throw chunkFault(bundle, header, opened.fault);
  return opened.plain;
}
