import { isProblem } from '@lucid/service-kit';
import type { EvidenceRig } from './evidence-rig.ts';

/** An agent that keeps what is not durable and sends it again, as capture agents do. */
export class TestAgent {
  readonly #rig: EvidenceRig;
  readonly #sessionId: string;
  readonly #track: number;
  readonly #bytes: Uint8Array;
  #atUs = 2_000_000;
  sent = 0;
  durable = 0;

  constructor(rig: EvidenceRig, sessionId: string, bytes: Uint8Array, track = 0) {
    this.#rig = rig;
    this.#sessionId = sessionId;
    this.#bytes = bytes;
    this.#track = track;
  }

  /** Sends the next slice; goes back where the recorder expects something else. */
  async send(sizeBytes: number): Promise<void> {
    const offset = this.sent;
    const body = this.#bytes.slice(offset, offset + sizeBytes);
    const params = { sessionId: this.#sessionId, track: this.#track };
    this.#atUs += 1_000;
    try {
      const query = { offset, fromUs: this.#atUs, untilUs: this.#atUs + 500 };
      const answer = await this.#rig.agent.putBytes({ params, query, body });
      this.sent = answer.acceptedBytes;
      this.#acknowledge(answer.durableBytes);
    } catch (error) {
      if (!isProblem(error, 'offset_mismatch')) throw error;
      const expected = error.extensions.expected as number;
      if (expected < this.durable) throw new Error(`durable bytes were lost: ${expected} < ${this.durable}`);
      this.sent = expected;
    }
  }

  async sendAll(sizeBytes: number): Promise<void> {
    while (this.sent < this.#bytes.length) await this.send(sizeBytes);
  }

  /** Sends what is missing until everything is durable. */
  async finish(sizeBytes: number): Promise<void> {
    do {
      await this.sendAll(sizeBytes);
      const { tracks } = await this.#rig.agent.flushRecording({ params: { sessionId: this.#sessionId } });
      const mine = tracks.find((each) => each.track === this.#track);
      this.sent = mine?.acceptedBytes ?? 0;
      this.#acknowledge(mine?.durableBytes ?? 0);
    } while (this.durable < this.#bytes.length);
  }

  #acknowledge(durable: number): void {
    if (durable < this.durable) throw new Error(`durable bytes were lost: ${durable} < ${this.durable}`);
    this.durable = durable;
  }
}
