/** Turns one job into one call of the encryptor; says what the session's head is after it. */
import type { sessionEncryptorContract } from '@lucid/contracts';
import { type ChunkCodec, type Cut, type PackedChunk, packChunk } from '@lucid/pipeline';
import type { Client, Clock } from '@lucid/service-kit';
import { encodeDocument, type SessionClose, type SessionEvent } from '@lucid/session-format';
import type { ChunkerMeter } from '../chunker-meter.ts';
import { type RecordsHead, withChunk, withClose, withEvent } from './records-head.ts';
import type { ScratchPool } from './scratch-pool.ts';

export type Encryptor = Pick<
  Client<typeof sessionEncryptorContract>,
  'putChunk' | 'putControl' | 'recordsHead'
>;

interface ChunkJob {
  readonly kind: 'chunk';
  readonly track: number;
  readonly cut: Cut;
  /** Once compressed. */
  packed?: PackedChunk & { readonly scratch: Uint8Array };
  tries: number;
}

export interface ControlJob {
  readonly kind: 'event' | 'close';
  readonly event?: SessionEvent;
  readonly closing?: Pick<SessionClose, 'closed' | 'atUs' | 'reason'>;
  /** Set once it is stored. */
  index?: number;
}

export type Job = ChunkJob | ControlJob;

interface RecordSenderOptions {
  readonly sessionId: string;
  readonly chunkSizeBytes: number;
  readonly encryptor: Encryptor;
  readonly codec: ChunkCodec;
  readonly scratch: ScratchPool;
  readonly clock: Clock;
  readonly meter: ChunkerMeter;
}

export class RecordSender {
  readonly #options: RecordSenderOptions;

  constructor(options: RecordSenderOptions) {
    this.#options = options;
  }

  /** Compresses a chunk ahead of its turn. */
  pack(job: ChunkJob): NonNullable<ChunkJob['packed']> {
    const { chunkSizeBytes, codec, scratch: pool } = this.#options;
    if (!job.packed) {
      const scratch = pool.take(chunkSizeBytes);
      job.packed = { ...packChunk(codec, job.cut.plain, scratch), scratch };
    }
    return job.packed;
  }

  send(job: Job, head: RecordsHead): Promise<RecordsHead> {
    if (job.kind === 'chunk') return this.#sendChunk(job, head);
    if (job.closing) return this.#sendClose(job.closing, head);
    return this.#sendEvent(job.event as SessionEvent, head);
  }

  async head(): Promise<RecordsHead> {
    const { keyHeld: _keyHeld, ...head } = await this.#options.encryptor.recordsHead({
      params: { sessionId: this.#options.sessionId },
    });
    return head;
  }

  async #sendChunk(job: ChunkJob, head: RecordsHead): Promise<RecordsHead> {
    const { cut, track } = job;
    const { packed, compressed, scratch } = this.pack(job);
    const { clock, meter } = this.#options;
    const startedMs = clock.nowMs();
    job.tries += 1;
    const { storedBytes } = await this.#options.encryptor.putChunk({
      params: this.#at(head),
      query: {
        track,
        compressed,
        fromUs: cut.fromUs,
        untilUs: cut.untilUs,
        plainOffset: cut.plainOffset,
        plainSizeBytes: cut.plain.length,
      },
      body: packed,
    });
    meter.chunkStored(packed.length, clock.nowMs() - startedMs);
    // After a failed try somebody may still be reading the buffer: then it is left to the garbage collector.
    if (job.tries === 1) this.#options.scratch.give(scratch);
    return withChunk(head, {
      track,
      plainSizeBytes: cut.plain.length,
      storedBytes,
      untilUs: cut.untilUs,
    });
  }

  async #sendEvent(event: SessionEvent, head: RecordsHead): Promise<RecordsHead> {
    const { storedBytes } = await this.#options.encryptor.putControl({
      params: this.#at(head),
      query: { type: 'event', atUs: event.atUs },
      body: encodeDocument('sessionEvent', event),
    });
    return withEvent(head, { storedBytes, atUs: event.atUs });
  }

  /** An interrupted session ended at its last record: whoever closes it may come days later. */
  async #sendClose(closing: NonNullable<ControlJob['closing']>, head: RecordsHead): Promise<RecordsHead> {
    const { chunks, events, plainBytes } = head;
    const atUs = closing.closed === 'interrupted' ? head.capturedUntilUs : closing.atUs;
    const { storedBytes } = await this.#options.encryptor.putControl({
      params: this.#at(head),
      query: { type: 'close', atUs },
      body: encodeDocument('sessionClose', { ...closing, atUs, chunks, events, plainBytes }),
    });
    return withClose(head, storedBytes, closing.closed);
  }

  #at(head: RecordsHead) {
    return { sessionId: this.#options.sessionId, index: head.records };
  }
}
