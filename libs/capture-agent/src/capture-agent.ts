/**
 * Stands between a capture source and the session-recorder. It numbers the bytes of one track, sends them in slices,
 * keeps those that are not durable, and after a fault goes on where the recorder is. The source is told to pause when too much
 * is held: that is where back-pressure ends.
 */
import { type Slice, UnackedBytes } from './unacked-bytes.ts';

/** How far the recorder is with each track. */
export interface RecordingTold {
  readonly tracks: readonly { track: number; acceptedBytes: number; durableBytes: number }[];
}

/** What an agent needs of the recorder's client. */
export interface RecorderPort {
  putBytes(input: {
    params: { sessionId: string; track: number };
    query: { offset: number; fromUs: number; untilUs: number };
    body: Uint8Array;
  }): Promise<{ acceptedBytes: number; durableBytes: number }>;
  heartbeat(input: { params: { sessionId: string } }): Promise<RecordingTold>;
  flushRecording(input: { params: { sessionId: string } }): Promise<RecordingTold>;
}

export interface CaptureAgentOptions {
  readonly sessionId: string;
  readonly track: number;
  /** Bytes wait this long for more before they are sent; default 200 ms. */
  readonly lingerMs?: number;
  /** How long a recorder that cannot be reached is asked again; default 30 000 ms. */
  readonly patienceMs?: number;
  /** Held bytes at which the source is paused; default 4 MiB. It goes on below half of it. */
  readonly windowBytes?: number;
  readonly onPressure?: (paused: boolean) => void;
  /** The recorder stopped answering, or answers again; bytes are held meanwhile. */
  readonly onReachable?: (reachable: boolean) => void;
  /** The session cannot go on; called once. */
  readonly onLost?: (error: CaptureLostError) => void;
}

export interface CaptureAgentDependencies {
  readonly recorder: RecorderPort;
  readonly nowMs: () => number;
  readonly delay: (ms: number) => Promise<void>;
  /** True for faults after which the same call may succeed (connection, overload, deadline). */
  readonly isPassing: (error: unknown) => boolean;
  /** The offset a recorder expects instead, where the error says one. */
  readonly expectedOffset: (error: unknown) => number | null;
}

export class CaptureLostError extends Error {
  override readonly name = 'CaptureLostError';
}

const SLICE_BYTES = 1_048_576;
const HEARTBEAT_MS = 2_000;
/** While the source is paused and all is sent, the recorder is asked this often what is durable. */
const PRESSED_BEAT_MS = 20;
/** A source that waits this long without anything becoming durable: a flush makes the recorder say why. */
const STALLED_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export class CaptureAgent {
  readonly #options: Required<Omit<CaptureAgentOptions, 'onPressure' | 'onReachable' | 'onLost'>> &
    CaptureAgentOptions;
  readonly #dependencies: CaptureAgentDependencies;
  readonly #held = new UnackedBytes();
  #sent = 0;
  #sending: Promise<void> | null = null;
  #linger: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #pressedBeat: NodeJS.Timeout | null = null;
  #paused = false;
  /** When the source was paused, or what is held last became less. */
  #movedAtMs = 0;
  #stopped = false;
  #lost: CaptureLostError | null = null;
  #reachable = true;
  /** When the heartbeat was sent that is under way. */
  #beatSinceMs: number | null = null;

  constructor(options: CaptureAgentOptions, dependencies: CaptureAgentDependencies) {
    this.#options = { lingerMs: 200, patienceMs: 30_000, windowBytes: 4 * 1_048_576, ...options };
    this.#dependencies = dependencies;
  }

  /** When the last byte known to be durable was captured, in microseconds; null where none is. */
  get durableUntilUs(): number | null {
    return this.#held.acknowledgedUntilUs;
  }

  /** Tells the recorder every 2 s that the agent lives. */
  start(): void {
    this.#heartbeat = setInterval(() => this.#tick(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Takes captured bytes, which the caller no longer changes. */
  push(bytes: Uint8Array, atUs: number): void {
    if (this.#lost || bytes.length === 0) return;
    this.#held.push(bytes, atUs);
    this.#judgePressure();
    if (this.#held.end - this.#sent >= SLICE_BYTES) this.#send();
    else this.#linger ??= setTimeout(() => this.#send(), this.#options.lingerMs);
  }

  /**
   * Resolves when everything pushed is durable: sends the rest, has the recorder flush, and sends again what a restarted service
   * no longer has. Rejects with CaptureLostError.
   */
  async finish(): Promise<void> {
    const { nowMs, delay } = this.#dependencies;
    for (let giveUpAtMs = nowMs() + this.#options.patienceMs; !this.#lost && this.#held.heldBytes > 0; ) {
      const before = this.#held.heldBytes;
      this.#send();
      await this.#sending;
      if (!this.#lost) await this.#flush().catch((error) => this.#lose(error));
      if (this.#held.heldBytes < before) giveUpAtMs = nowMs() + this.#options.patienceMs;
      else if (nowMs() >= giveUpAtMs)
        this.#lose(new Error('it flushes, but does not say that the bytes are durable'));
      else await delay(FIRST_RETRY_MS);
    }
    this.stop();
    if (this.#lost) throw this.#lost;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    if (this.#linger) clearTimeout(this.#linger);
    if (this.#pressedBeat) clearTimeout(this.#pressedBeat);
    this.#heartbeat = null;
    this.#linger = null;
    this.#pressedBeat = null;
  }

  #send(): void {
    if (this.#linger) clearTimeout(this.#linger);
    this.#linger = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  async #sendAll(): Promise<void> {
    try {
      for (
        let slice = this.#held.take(this.#sent, SLICE_BYTES);
        slice;
        slice = this.#held.take(this.#sent, SLICE_BYTES)
      ) {
        await this.#sendSlice(slice);
      }
    } catch (error) {
      this.#lose(error);
    }
  }

  async #sendSlice({ offset, bytes, fromUs, untilUs }: Slice): Promise<void> {
    const { sessionId, track } = this.#options;
    const call = { params: { sessionId, track }, query: { offset, fromUs, untilUs }, body: bytes };
    try {
      const answer = await this.#patiently(() => this.#dependencies.recorder.putBytes(call));
      this.#sent = answer.acceptedBytes;
      this.#acknowledge(answer.durableBytes);
    } catch (error) {
      const expected = this.#dependencies.expectedOffset(error);
      if (expected === null || expected === offset || !this.#held.covers(expected)) throw error;
      this.#sent = expected;
    }
  }

  async #flush(): Promise<void> {
    const { sessionId } = this.#options;
    const call = { params: { sessionId } };
    this.#take(await this.#patiently(() => this.#dependencies.recorder.flushRecording(call)));
  }

  /** Repeats a call through passing faults, for as long as the patience lasts. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    const { nowMs, isPassing, delay } = this.#dependencies;
    const giveUpAtMs = nowMs() + this.#options.patienceMs;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      try {
        const answer = await call();
        this.#tellReachable(true);
        return answer;
      } catch (error) {
        if (!isPassing(error) || nowMs() >= giveUpAtMs) throw error;
        if (waitMs > FIRST_RETRY_MS) this.#tellReachable(false);
        await delay(waitMs);
      }
    }
  }

  /** Goes on from where the recorder says it is. */
  #take({ tracks }: RecordingTold): void {
    const mine = tracks.find((each) => each.track === this.#options.track);
    if (!mine) return;
    if (this.#held.covers(mine.acceptedBytes)) this.#sent = mine.acceptedBytes;
    this.#acknowledge(mine.durableBytes);
  }

  /** Bytes may wait long for their answer (back-pressure), a heartbeat never: where it does, whoever should answer hangs. */
  #tick(): void {
    const { nowMs } = this.#dependencies;
    if (this.#beatSinceMs !== null && nowMs() - this.#beatSinceMs >= HEARTBEAT_MS / 2)
      this.#tellReachable(false);
    void this.#beat();
  }

  async #beat(): Promise<void> {
    if (this.#beatSinceMs !== null || this.#stopped) return;
    this.#beatSinceMs = this.#dependencies.nowMs();
    await this.#askHeartbeat();
    this.#beatSinceMs = null;
  }

  async #askHeartbeat(): Promise<void> {
    const sent = this.#sent;
    try {
      const { sessionId } = this.#options;
      const told = await this.#dependencies.recorder.heartbeat({ params: { sessionId } });
      this.#tellReachable(true);
      // Where bytes were sent meanwhile, this answer is the older one.
      if (!this.#sending && this.#sent === sent) this.#take(told);
    } catch (error) {
      if (this.#dependencies.isPassing(error)) this.#tellReachable(false);
      else this.#lose(error);
    }
  }

  #tellReachable(reachable: boolean): void {
    if (reachable === this.#reachable || this.#stopped) return;
    this.#reachable = reachable;
    this.#options.onReachable?.(reachable);
  }

  #acknowledge(durableBytes: number): void {
    const before = this.#held.heldBytes;
    this.#held.acknowledge(durableBytes);
    if (this.#held.heldBytes < before) this.#movedAtMs = this.#dependencies.nowMs();
    this.#judgePressure();
  }

  #judgePressure(): void {
    const { windowBytes, onPressure } = this.#options;
    const paused = this.#held.heldBytes > (this.#paused ? windowBytes / 2 : windowBytes);
    if (paused && !this.#stopped)
      this.#pressedBeat ??= setTimeout(() => this.#beatUnderPressure(), PRESSED_BEAT_MS);
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#movedAtMs = this.#dependencies.nowMs();
    onPressure?.(paused);
  }

  /** Answers to bytes tell what is durable; when no more are sent because the source waits, somebody has to ask. */
  async #beatUnderPressure(): Promise<void> {
    if (this.#dependencies.nowMs() - this.#movedAtMs < STALLED_MS) await this.#beat();
    else await this.#askWhyStalled();
    this.#pressedBeat = null;
    if (this.#paused && !this.#lost) this.#judgePressure();
  }

  /** A heartbeat tells no fault of the store; a flush does, a full disk above all. */
  async #askWhyStalled(): Promise<void> {
    this.#movedAtMs = this.#dependencies.nowMs();
    this.#sending ??= this.#flush()
      .catch((error) => this.#lose(error))
      .finally(() => {
        this.#sending = null;
      });
    await this.#sending;
  }

  #lose(cause: unknown): void {
    if (this.#stopped) return;
    this.#lost = new CaptureLostError(
      `the recorder cannot go on with this session: ${(cause as Error).message}`,
      { cause },
    );
    this.stop();
    // A source that waits could not even end.
    if (this.#paused) this.#options.onPressure?.(false);
    this.#paused = false;
    this.#options.onLost?.(this.#lost);
  }
}
