/** What of a session is durable, as this service follows it from the encryptor's answers. */
import type { OutputOf, sessionChunkerContract } from '@lucid/contracts';

export type RecordsHead = OutputOf<(typeof sessionChunkerContract)['operations']['openStream']>;

export const durableBytesOf = (head: RecordsHead, track: number): number =>
  head.tracks.find((each) => each.track === track)?.plainBytes ?? 0;

export function withChunk(
  head: RecordsHead,
  chunk: {
    readonly track: number;
    readonly plainSizeBytes: number;
    readonly storedBytes: number;
    readonly untilUs: number;
  },
): RecordsHead {
  const { track } = chunk;
  const known = head.tracks.find((each) => each.track === track) ?? { track, chunks: 0, plainBytes: 0 };
  const counted = {
    track,
    chunks: known.chunks + 1,
    plainBytes: known.plainBytes + chunk.plainSizeBytes,
  };
  const others = head.tracks.filter((each) => each.track !== track);
  return {
    ...head,
    records: head.records + 1,
    chunks: head.chunks + 1,
    plainBytes: head.plainBytes + chunk.plainSizeBytes,
    storedBytes: head.storedBytes + chunk.storedBytes,
    capturedUntilUs: Math.max(head.capturedUntilUs, chunk.untilUs),
    tracks: [...others, counted].sort((a, b) => a.track - b.track),
  };
}

export const withEvent = (
  head: RecordsHead,
  event: { readonly storedBytes: number; readonly atUs: number },
): RecordsHead => ({
  ...head,
  records: head.records + 1,
  events: head.events + 1,
  storedBytes: head.storedBytes + event.storedBytes,
  capturedUntilUs: Math.max(head.capturedUntilUs, event.atUs),
});

export const withClose = (
  head: RecordsHead,
  storedBytes: number,
  closed: NonNullable<RecordsHead['closed']>,
): RecordsHead => ({
  ...head,
  records: head.records + 1,
  storedBytes: head.storedBytes + storedBytes,
  closed,
});
