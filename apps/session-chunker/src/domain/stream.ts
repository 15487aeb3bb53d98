/** One open session: its cutters, one for each track, in front of its outbox. */
import { ChunkCutter, type Cut } from '@lucid/pipeline';
import type { Clock, Log } from '@lucid/service-kit';
import type { SessionEvent } from '@lucid/session-format';
import type { ChunkerMeter, CutReason } from '../chunker-meter.ts';
import type { AgeAlarm } from './age-alarm.ts';
import { Outbox } from './outbox.ts';
import { problem } from './problems.ts';
import type { ControlJob, RecordSender } from './record-sender.ts';
import { durableBytesOf, type RecordsHead } from './records-head.ts';

interface StreamOptions {
  readonly head: RecordsHead;
  readonly chunkSizeBytes: number;
  /** Chunks that may wait to be stored before a source has to wait. */
  readonly windowChunks: number;
  readonly alarm: AgeAlarm;
  readonly sender: RecordSender;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ChunkerMeter;
}

interface Accepted {
  readonly acceptedBytes: number;
  readonly durableBytes: number;
}

/** Bytes that somebody took for a track. */
export interface AcceptedTrack {
  readonly track: number;
  readonly acceptedBytes: number;
}

export class Stream {
  readonly #options: StreamOptions;
  readonly #outbox: Outbox;
  readonly #cutters = new Map<number, ChunkCutter>();
  /** What is appended, cut and put happens in the order in which it was asked for. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The closing record is in the outbox: nothing can come behind it. */
  #closing = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      ...options,
      cutOffsets: () =>
        [...this.#cutters].map(
          ([track, cutter]) => [track, cutter.acceptedBytes - cutter.bufferedBytes] as const,
        ),
    });
  }

  get head(): RecordsHead {
    return this.#outbox.head;
  }

  get alive(): boolean {
    return this.#outbox.end === null;
  }

  /** Bytes that are held here because they are not stored yet. */
  get heldBytes(): number {
    const buffered = [...this.#cutters.values()].reduce((sum, each) => sum + each.bufferedBytes, 0);
    return buffered + this.#outbox.pendingBytes;
  }

  /** What was accepted for each track that had any, also after the end. */
  accepted(): AcceptedTrack[] {
    return [...this.#cutters].map(([track, { acceptedBytes }]) => ({ track, acceptedBytes }));
  }

  /** Takes the next bytes of a track once there is room; bytes that were taken before are passed over. */
  append(
    track: number,
    bytes: {
      readonly offset: number;
      readonly fromUs: number;
      readonly untilUs: number;
      readonly body: Uint8Array;
    },
    signal: AbortSignal,
  ): Promise<Accepted> {
    return this.#inTurn(async () => {
      const cutter = this.#cutter(track);
      const expected = cutter.acceptedBytes;
      if (bytes.offset > expected) throw problem('offset_mismatch', { extensions: { expected } });
      const fresh = bytes.body.subarray(expected - bytes.offset);
      if (fresh.length > 0) {
        this.#assertNotClosing();
        await this.#outbox.wait(() => this.#hasRoom(), signal);
        this.#options.meter.bytesTaken(fresh.length);
        for (const cut of cutter.append(fresh, bytes.fromUs, bytes.untilUs)) this.#push(track, cut, 'size');
        this.#watchAge(track, cutter);
      }
      return {
        acceptedBytes: cutter.acceptedBytes,
        durableBytes: durableBytesOf(this.head, track),
      };
    });
  }

  /**
   * Cuts what is buffered and puts an event behind it; resolves to its index once it is stored. A caller that leaves
   * meanwhile, or hears that the store became full, may still find the event in the log later.
   */
  async putEvent(event: SessionEvent, signal: AbortSignal): Promise<number> {
    const job: ControlJob = { kind: 'event', event };
    await this.#inTurn(async () => {
      this.#assertNotClosing();
      await this.#outbox.wait(() => this.#hasRoom(), signal);
      this.#outbox.assertRoom();
      this.#cutAll();
      this.#outbox.push(job);
    });
    return this.#stored(job, signal);
  }

  /** Cuts what is buffered and waits until everything is stored. */
  async flush(signal?: AbortSignal): Promise<RecordsHead> {
    await this.#inTurn(async () => this.#cutAll());
    await this.#outbox.wait(() => this.#outbox.empty, signal);
    return this.head;
  }

  /** Cuts what is buffered and writes the closing record. */
  async close(closing: NonNullable<ControlJob['closing']>): Promise<RecordsHead> {
    const job: ControlJob = { kind: 'close', closing };
    await this.#inTurn(async () => {
      this.#closing = true;
      this.#cutAll();
      this.#outbox.push(job);
    });
    await this.#stored(job);
    return this.head;
  }

  /** Lets go of everything that is not stored. */
  drop(): void {
    for (const cutter of this.#cutters.values()) this.#options.alarm.disarm(cutter);
    this.#outbox.stop('stale');
  }

  #assertNotClosing(): void {
    if (this.#closing) throw problem('session_lost');
  }

  #hasRoom(): boolean {
    const { windowChunks, chunkSizeBytes } = this.#options;
    return this.#outbox.pendingBytes < windowChunks * chunkSizeBytes;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const guarded = async () => {
      this.#outbox.assertAlive();
      return work();
    };
    const own = this.#turn.then(guarded, guarded);
    this.#turn = own.catch(() => undefined);
    return own;
  }

  #cutter(track: number): ChunkCutter {
    const known = this.#cutters.get(track);
    if (known) return known;
    const { chunkSizeBytes } = this.#options;
    // The age is told by the alarm, on this machine's clock: capture times are the agent's.
    const options = { chunkSizeBytes, maxAgeUs: 0, plainOffset: durableBytesOf(this.head, track) };
    const cutter = new ChunkCutter(options);
    this.#cutters.set(track, cutter);
    return cutter;
  }

  #watchAge(track: number, cutter: ChunkCutter): void {
    if (cutter.bufferedBytes === 0) this.#options.alarm.disarm(cutter);
    else this.#options.alarm.arm(cutter, () => this.#cut(track, cutter, 'age'));
  }

  #cutAll(): void {
    for (const [track, cutter] of this.#cutters) this.#cut(track, cutter, 'asked');
  }

  #cut(track: number, cutter: ChunkCutter, why: CutReason): void {
    this.#options.alarm.disarm(cutter);
    const cut = cutter.flush();
    if (cut) this.#push(track, cut, why);
  }

  #push(track: number, cut: Cut, why: CutReason): void {
    this.#options.meter.chunkCut(why);
    this.#outbox.push({ kind: 'chunk', track, cut, tries: 0 });
  }

  async #stored(job: ControlJob, signal?: AbortSignal): Promise<number> {
    await this.#outbox.wait(() => job.index !== undefined, signal);
    return job.index as number;
  }
}
