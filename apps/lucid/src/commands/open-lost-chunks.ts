/**
 * `lucid open --unverified`: whatever still opens of a file, whatever happened to it. Nothing but record headers and wrapped keys is
 * looked for; each chunk given was authenticated by the session key, so its bytes, place and moment are those recorded. What is
 * missing between them is told by the chunks around it.
 */
import { keyCommitment, openChunk } from '@lucid/pipeline';
import {
  type Manifest,
  type ManifestTrack,
  parseDocument,
  RECORD_HEADER_BYTES,
  type SessionClose,
  type SessionHeader,
} from '@lucid/session-format';
import { type BundleReader, type FoundRecord, readBytesAt, timeText, walkRecords } from '@lucid/verifier';
import type { ZstdCodec } from '@lucid/zstd';
import { countText } from '../cli/output.ts';

/** Records named of one gap. */
const MAX_NAMED = 20;

export interface Skipped {
  readonly fromByte: number;
  /** Exclusive; null where the end of the track is not known. */
  readonly untilByte: number | null;
  readonly records: readonly { readonly record: number; readonly why: string }[];
  /** End of the chunk before and beginning of the one behind. */
  readonly fromUs: number | null;
  readonly untilUs: number | null;
}

export interface LostSession {
  readonly sessionId: string;
  readonly records: readonly FoundRecord[];
  readonly header: SessionHeader | null;
  readonly close: (SessionClose & { readonly index: number }) | null;
}

/** The one that most records name. */
function sessionOf(records: readonly FoundRecord[]): string | null {
  const counts = new Map<string, number>();
  for (const { header } of records) counts.set(header.sessionId, (counts.get(header.sessionId) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

const recordBytes = (reader: BundleReader, { offset, header }: FoundRecord): Promise<Uint8Array> =>
  readBytesAt(reader, offset, RECORD_HEADER_BYTES + header.payloadSizeBytes);

async function documentOf<K extends 'sessionHeader' | 'sessionClose'>(
  reader: BundleReader,
  found: FoundRecord | undefined,
  kind: K,
) {
  if (!found || found.missingBytes > 0) return null;
  const parsed = parseDocument(kind, (await recordBytes(reader, found)).subarray(RECORD_HEADER_BYTES));
  return parsed.ok ? parsed.value : null;
}

/** Null where no record is there. @throws VerifyError unreadable */
export async function findLostSession(reader: BundleReader): Promise<LostSession | null> {
  const all: FoundRecord[] = [];
  for await (const found of walkRecords(reader)) all.push(found);
  const sessionId = sessionOf(all);
  if (sessionId === null) return null;
  const records = all
    .filter(({ header }) => header.sessionId === sessionId)
    .sort((a, b) => a.header.index - b.header.index || a.offset - b.offset);
  const first = records.find(({ header }) => header.type === 'header');
  const last = records.findLast(({ header }) => header.type === 'close');
  const close = await documentOf(reader, last, 'sessionClose');
  return {
    sessionId,
    records,
    header: await documentOf(reader, first, 'sessionHeader'),
    close: close && last ? { ...close, index: last.header.index } : null,
  };
}

/** Of the header record, else by the numbers that chunks bear. Their plain size is known for a single track only. */
export function lostTracks({ header, records, close }: LostSession): Pick<Manifest, 'tracks'> {
  const chunks = records.flatMap((found) => (found.header.type === 'chunk' ? [found.header.track] : []));
  const numbers = [...new Set(chunks)].sort((a, b) => a - b);
  const tracks =
    header?.tracks ??
    numbers.map((track) => ({ track, kind: 'stream' as const, mediaType: 'application/octet-stream' }));
  const plainBytes = tracks.length === 1 && close ? close.plainBytes : Number.POSITIVE_INFINITY;
  return { tracks: tracks.map((track): ManifestTrack => ({ ...track, chunks: 0, plainBytes })) };
}

type Opened = { readonly plain: Uint8Array } | { readonly why: string };

export class LostChunks {
  readonly #reader: BundleReader;
  readonly #session: LostSession;
  readonly #codec: ZstdCodec;
  #there: ReadonlySet<number> | null = null;

  constructor(reader: BundleReader, session: LostSession, codec: ZstdCodec) {
    this.#reader = reader;
    this.#session = session;
    this.#codec = codec;
  }

  /** Record 0 has its commitment, or a chunk opens with it. */
  async isKey(key: Uint8Array): Promise<boolean> {
    const { header, sessionId, records } = this.#session;
    if (header?.keyCommitment === keyCommitment(key, sessionId)) return true;
    for (const found of records)
      if (found.header.type === 'chunk' && 'plain' in (await this.#open(key, found))) return true;
    return false;
  }

  async #open(key: Uint8Array, found: FoundRecord): Promise<Opened> {
    if (found.missingBytes > 0)
      return { why: `its last ${countText(found.missingBytes, 'byte')} are cut off` };
    const opened = openChunk(key, this.#codec, found.header, await recordBytes(this.#reader, found));
    if (opened.ok) return { plain: opened.plain };
    return opened.fault === 'tag_wrong'
      ? { why: 'it was changed, and does not open' }
      : { why: 'the recorder sealed bytes that do not decompress' };
  }

  /** Indices that no record found bears. */
  #absent(from: number, until: number): Skipped['records'] {
    this.#there ??= new Set(this.#session.records.map(({ header }) => header.index));
    const absent: { record: number; why: string }[] = [];
    for (let record = from; record < until && absent.length < MAX_NAMED; record++)
      if (!this.#there.has(record)) absent.push({ record, why: 'it is not there, or not to be recognised' });
    return absent;
  }

  /** Chunks of a track that open, in order, and what lies between them and is not given. */
  async *of(
    track: number,
    key: Uint8Array,
  ): AsyncGenerator<{ plainOffset: number; plain: Uint8Array } | Skipped> {
    const { records, header, close } = this.#session;
    const last = { index: 0, untilByte: 0, untilUs: header?.startedAtUs ?? null };
    let bad: { record: number; why: string }[] = [];
    const skipped = (index: number, untilByte: number | null, untilUs: number | null): Skipped => ({
      fromByte: last.untilByte,
      untilByte,
      records: [...bad, ...this.#absent(last.index + 1, index)].sort((a, b) => a.record - b.record),
      fromUs: last.untilUs,
      untilUs,
    });
    for (const found of records) {
      const { type, index, plainOffset, plainSizeBytes, capturedFromUs, capturedUntilUs } = found.header;
      // Given already, as a chunk that was put in twice.
      if (type !== 'chunk' || found.header.track !== track || index <= last.index) continue;
      const opened = await this.#open(key, found);
      if ('why' in opened) {
        bad.push({ record: index, why: opened.why });
        continue;
      }
      bad = bad.filter(({ record }) => record !== index);
      if (plainOffset !== last.untilByte) yield skipped(index, plainOffset, capturedFromUs);
      yield { plainOffset, plain: opened.plain };
      Object.assign(last, { index, untilByte: plainOffset + plainSizeBytes, untilUs: capturedUntilUs });
      bad = [];
    }
    const { plainBytes } = lostTracks(this.#session).tracks[0] ?? {};
    const known = plainBytes !== undefined && Number.isFinite(plainBytes);
    // Nothing authenticates the closing record here: a changed one tells of bytes that never were, rather than hiding some that are lost.
    const lost = close === null || bad.length > 0 || this.#absent(last.index + 1, close.index).length > 0;
    if (known ? plainBytes > last.untilByte : lost)
      yield skipped(close?.index ?? 0, known ? plainBytes : null, close?.atUs ?? null);
  }
}

const momentText = (fromUs: number | null, untilUs: number | null): string => {
  if (fromUs === null) return untilUs === null ? '' : `, recorded before ${timeText(untilUs)}`;
  return `, recorded ${untilUs === null ? `after ${timeText(fromUs)}` : `${timeText(fromUs)} to ${timeText(untilUs)}`}`;
};

export function skippedText(
  track: number,
  { fromByte, untilByte, records, fromUs, untilUs }: Skipped,
): string {
  const bytes = untilByte === null ? `what may follow byte ${fromByte}` : `bytes ${fromByte}-${untilByte}`;
  const named = records.slice(0, MAX_NAMED).map(({ record, why }) => `record ${record}: ${why}`);
  const more = records.length > MAX_NAMED ? ['and more'] : [];
  const why =
    [...named, ...more].join('; ') ||
    (untilByte === null
      ? 'no closing record is there'
      : 'no record of it is there; if every chunk is, the closing record was changed');
  return `skipped  ${bytes} of track ${track}${momentText(fromUs, untilUs)}: ${why}`;
}
