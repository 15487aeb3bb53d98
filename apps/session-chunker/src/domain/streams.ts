/** The sessions that are open here. */

import type { ChunkCodec } from '@lucid/pipeline';
import { type Clock, isProblem, type Log } from '@lucid/service-kit';
import type { ChunkerMeter } from '../chunker-meter.ts';
import type { AgeAlarm } from './age-alarm.ts';
import { isEndOfSession, problem } from './problems.ts';
import { type ControlJob, type Encryptor, RecordSender } from './record-sender.ts';
import { durableBytesOf, type RecordsHead } from './records-head.ts';
import type { ScratchPool } from './scratch-pool.ts';
import { type AcceptedTrack, Stream } from './stream.ts';

/** The chunk size matters only for buffers when a session is opened just to be closed. */
const SMALLEST_CHUNK_BYTES = 65_536;
/** How long a stop waits for what is buffered; what it does not reach was never reported durable, and is sent again. */
const DRAIN_MS = 5_000;

type Closing = NonNullable<ControlJob['closing']>;

interface CloseRequest {
  readonly sessionId: string;
  readonly closing: Closing;
  /** What its caller took. */
  readonly accepted: readonly AcceptedTrack[];
}

interface StreamsOptions {
  readonly encryptor: Encryptor;
  readonly codec: ChunkCodec;
  readonly scratch: ScratchPool;
  readonly alarm: AgeAlarm;
  readonly windowChunks: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ChunkerMeter;
}

export class Streams {
  readonly #options: StreamsOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #closings = new Map<string, Promise<RecordsHead>>();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Plain bytes held for all sessions. */
  get heldBytes(): number {
    return [...this.#streams.values()].reduce((sum, each) => sum + each.heldBytes, 0);
  }

  /** Opens a session, from what is durably stored of it, or finds it open. @throws session_lost */
  async open(sessionId: string, chunkSizeBytes: number): Promise<RecordsHead> {
    const known = this.#streams.get(sessionId);
    if (known?.alive) return known.head;
    const { keyHeld, ...head } = await this.#recordsHead(sessionId);
    if (head.closed || !keyHeld) throw problem('session_lost');
    const raced = this.#streams.get(sessionId);
    if (raced?.alive) return raced.head;
    return this.#create(sessionId, head, chunkSizeBytes).head;
  }

  /** @throws stream_unknown */
  get(sessionId: string): Stream {
    const stream = this.#streams.get(sessionId);
    if (!stream) throw problem('stream_unknown');
    return stream;
  }

  /**
   * Writes the closing record, or finds it written. A session that cannot go on is closed where its records end, unless it is
   * to be closed as if nothing was missing though bytes were accepted, by its caller or here, that are not stored. It goes on
   * when its caller goes away: who asks next shares it.
   * @throws session_lost
   */
  close(sessionId: string, closing: Closing, accepted: readonly AcceptedTrack[] = []): Promise<RecordsHead> {
    const running = this.#closings.get(sessionId);
    if (running) return running;
    const own = this.#close({ sessionId, closing, accepted }).finally(() => this.#closings.delete(sessionId));
    this.#closings.set(sessionId, own);
    return own;
  }

  async #close(request: CloseRequest): Promise<RecordsHead> {
    const { sessionId } = request;
    const known = this.#streams.get(sessionId);
    const stream = known?.alive ? known : await this.#reopen(request, known);
    const head = stream.head.closed ? stream.head : await this.#closeStream(request, stream);
    this.#streams.get(sessionId)?.drop();
    this.#streams.delete(sessionId);
    this.#options.meter.openStreams(this.size);
    return head;
  }

  /** What ends while it is being closed is judged again, once, by what is stored of it. */
  async #closeStream(request: CloseRequest, stream: Stream): Promise<RecordsHead> {
    try {
      return await stream.close(request.closing);
    } catch (error) {
      if (!isProblem(error, 'stream_unknown', 'session_lost')) throw error;
      const reopened = await this.#reopen(request, stream);
      return reopened.head.closed ? reopened.head : reopened.close(request.closing);
    }
  }

  /** Cuts and stores what is buffered, as far as that goes quickly, and lets go of everything. */
  async shutDown(): Promise<void> {
    const streams = [...this.#streams.values()];
    const stopping = new AbortController();
    const late = this.#options.clock.sleep(DRAIN_MS, stopping.signal).catch(() => undefined);
    await Promise.race([late, Promise.allSettled(streams.map((each) => each.flush(stopping.signal)))]);
    stopping.abort();
    for (const stream of streams) stream.drop();
    this.#streams.clear();
    this.#options.meter.openStreams(0);
  }

  /** For the closing record alone, which needs no key. @throws session_lost where `ended` would hide what is missing */
  async #reopen({ sessionId, closing, accepted }: CloseRequest, ended?: Stream): Promise<Stream> {
    const { keyHeld: _keyHeld, ...head } = await this.#recordsHead(sessionId);
    const raced = this.#streams.get(sessionId);
    if (raced?.alive) return raced;
    const taken = [...accepted, ...(ended?.accepted() ?? [])];
    const missing = taken.some(({ track, acceptedBytes }) => acceptedBytes > durableBytesOf(head, track));
    if (missing && !head.closed && closing.closed === 'ended') throw problem('session_lost');
    return this.#create(sessionId, head, SMALLEST_CHUNK_BYTES);
  }

  #create(sessionId: string, head: RecordsHead, chunkSizeBytes: number): Stream {
    const { log, ...options } = this.#options;
    this.#streams.get(sessionId)?.drop();
    const sender = new RecordSender({ ...options, sessionId, chunkSizeBytes });
    const stream = new Stream({ ...options, head, chunkSizeBytes, sender, log: log.child({ sessionId }) });
    this.#streams.set(sessionId, stream);
    this.#options.meter.openStreams(this.size);
    return stream;
  }

  async #recordsHead(sessionId: string) {
    try {
      return await this.#options.encryptor.recordsHead({ params: { sessionId } });
    } catch (error) {
      if (isEndOfSession(error)) throw problem('session_lost', { cause: error });
      throw error;
    }
  }
}
