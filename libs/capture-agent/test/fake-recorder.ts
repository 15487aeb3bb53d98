/** A small recorder that keeps the port's promises, and faults where told to. */
import type { RecorderPort, RecordingTold } from '../src/index.ts';

export class Fault extends Error {
  readonly passing: boolean;
  readonly expected: number | null;
  constructor(message: string, { passing = false, expected = null as number | null } = {}) {
    super(message);
    this.passing = passing;
    this.expected = expected;
  }
}

type Disturbance = 'refuse' | 'lose_answer' | 'lose_session' | 'restart';
type Put = Parameters<RecorderPort['putBytes']>[0];

export class FakeRecorder implements RecorderPort {
  /** What comes with the next calls, one each. */
  readonly disturbances: (Disturbance | null)[] = [];
  readonly puts: { offset: number; size: number; fromUs: number; untilUs: number }[] = [];
  /** Whether accepted bytes are durable at once. */
  durableAtOnce = true;
  /** The store has no room: nothing becomes durable, and only a flush says so. */
  full = false;
  beats = 0;
  flushes = 0;
  #accepted = Buffer.alloc(0);
  #durable = 0;
  #lost = false;

  get content(): Buffer {
    return this.#accepted;
  }

  makeDurable(bytes = this.#accepted.length): void {
    this.#durable = bytes;
  }

  /** What was accepted but not durable is gone. */
  restart(): void {
    this.#accepted = this.#accepted.subarray(0, this.#durable);
  }

  async putBytes({ query, body }: Put): Promise<{ acceptedBytes: number; durableBytes: number }> {
    const loseAnswer = this.#disturb();
    const { offset, fromUs, untilUs } = query;
    if (offset > this.#accepted.length)
      throw new Fault('offset_mismatch', { expected: this.#accepted.length });
    this.puts.push({ offset, size: body.length, fromUs, untilUs });
    this.#accepted = Buffer.concat([
      this.#accepted,
      Buffer.from(body).subarray(this.#accepted.length - offset),
    ]);
    if (this.durableAtOnce) this.makeDurable();
    if (loseAnswer) throw new Fault('the connection broke', { passing: true });
    return { acceptedBytes: this.#accepted.length, durableBytes: this.#durable };
  }

  async heartbeat(): Promise<RecordingTold> {
    this.beats++;
    this.#disturb();
    return this.#told();
  }

  async flushRecording(): Promise<RecordingTold> {
    this.flushes++;
    if (this.#disturb()) throw new Fault('the connection broke', { passing: true });
    if (this.full) throw new Fault('store_full');
    this.makeDurable();
    return this.#told();
  }

  #told(): RecordingTold {
    const progress = { acceptedBytes: this.#accepted.length, durableBytes: this.#durable };
    return {
      tracks: [
        { track: 9, acceptedBytes: 1, durableBytes: 1 },
        { track: 0, ...progress },
      ],
    };
  }

  /** True where the answer shall be lost. */
  #disturb(): boolean {
    const disturbance = this.disturbances.shift();
    if (disturbance === 'lose_session') this.#lost = true;
    if (this.#lost) throw new Fault('session_lost');
    if (disturbance === 'refuse') throw new Fault('overload', { passing: true });
    if (disturbance === 'restart') this.restart();
    return disturbance === 'lose_answer';
  }
}
