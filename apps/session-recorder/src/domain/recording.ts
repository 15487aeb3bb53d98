/** One recording that runs here: what its agent handed in and what of it is durable. */
import type { OutputOf, sessionChunkerContract, sessionRecorderContract } from '@lucid/contracts';
import type { RecordingRow } from '../store/recording-store.ts';

export type RecordingView = OutputOf<(typeof sessionRecorderContract)['operations']['getRecording']>;
export type RecordsHead = OutputOf<(typeof sessionChunkerContract)['operations']['openStream']>;

interface Progress {
  acceptedBytes: number;
  durableBytes: number;
}

export class Recording {
  readonly sessionId: string;
  readonly chunkSizeBytes: number;
  state: RecordingRow['state'];
  lastSeenMs: number;
  /** The session cannot go on. */
  lost = false;
  readonly #tracks: Map<number, Progress>;

  constructor(row: RecordingRow, nowMs: number) {
    this.sessionId = row.sessionId;
    this.chunkSizeBytes = row.chunkSizeBytes;
    this.state = row.state;
    this.lastSeenMs = nowMs;
    const finalBytes = new Map(row.finalBytes?.map((each) => [each.track, each.plainBytes]));
    this.#tracks = new Map(
      row.tracks.map(({ track }) => {
        const bytes = finalBytes.get(track) ?? 0;
        return [track, { acceptedBytes: bytes, durableBytes: bytes }];
      }),
    );
  }

  get(track: number): Readonly<Progress> | null {
    return this.#tracks.get(track) ?? null;
  }

  /** Whether bytes were accepted that are not known to be durable. */
  get undurable(): boolean {
    return [...this.#tracks.values()].some((each) => each.acceptedBytes > each.durableBytes);
  }

  /** Takes over an answer of the chunker. Returns whether more is durable than before. */
  advance(track: number, progress: Readonly<Progress>): boolean {
    const known = this.#tracks.get(track);
    if (!known) return false;
    const more = progress.durableBytes > known.durableBytes;
    known.acceptedBytes = progress.acceptedBytes;
    known.durableBytes = Math.max(known.durableBytes, progress.durableBytes);
    return more;
  }

  /** What the agent has to send next, told by the chunker. */
  expect(track: number, offset: number): void {
    const known = this.#tracks.get(track);
    if (known) known.acceptedBytes = offset;
  }

  /** Takes over what is durable. Returns the tracks of which more is. */
  learn(head: RecordsHead): number[] {
    return head.tracks
      .filter(({ track, plainBytes }) => {
        const known = this.#tracks.get(track);
        if (!known) return false;
        const more = plainBytes > known.durableBytes;
        known.durableBytes = Math.max(known.durableBytes, plainBytes);
        known.acceptedBytes = Math.max(known.acceptedBytes, plainBytes);
        return more;
      })
      .map(({ track }) => track);
  }

  /** Only what is durable counts as accepted: the rest is gone with another process, or was never here. */
  startOver(head: RecordsHead): void {
    for (const [track, progress] of this.#tracks) {
      const durable = head.tracks.find((each) => each.track === track)?.plainBytes ?? 0;
      progress.acceptedBytes = durable;
      progress.durableBytes = durable;
    }
  }

  accepted(): ReadonlyMap<number, number> {
    return new Map([...this.#tracks].map(([track, { acceptedBytes }]) => [track, acceptedBytes]));
  }

  view(): RecordingView {
    return {
      sessionId: this.sessionId,
      state: this.state,
      tracks: [...this.#tracks].map(([track, progress]) => ({ track, ...progress })),
      lastSeenAtUs: this.lastSeenMs * 1000,
    };
  }
}
