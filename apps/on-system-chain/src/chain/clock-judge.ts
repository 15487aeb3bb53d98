/**
 * Whether the clock can be believed for the time of a block. A block's time binds all that follow, so a clock that was set wrong for a
 * moment must not get into one.
 */
import type { Clock } from '@lucid/service-kit';

/** How far a block's time may lie ahead of the clock, where the clock went backwards. */
export const mostAheadSec = 300;
/** A clock that jumps ahead by more than this is held to be wrong for a while. */
const jumpMs = 300_000;
/** How long; then it is believed. */
export const settleMs = 60_000;

/** Why the chain does not go on: for `/ready`, and in words. */
export interface Fault {
  readonly code: string;
  readonly text: string;
}

export type Judgement =
  | { readonly timestampSec: number; readonly waitMs: number }
  | { readonly wrong: Fault; readonly waitMs: number };

export interface ClockJudgeOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
}

export class ClockJudge {
  readonly #options: ClockJudgeOptions;
  /** Of the clock to the steady one. */
  #offsetMs: number;
  #jumpedAtMs: number | null = null;
  #producedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClockJudgeOptions) {
    this.#options = options;
    this.#offsetMs = this.#offset();
  }

  #offset(): number {
    return this.#options.clock.nowMs() - this.#options.steadyMs();
  }

  /** Time of a block made now, or how long to wait until one a second is kept; or what is wrong with the clock. */
  judge(parentTimestampSec: number): Judgement {
    const jump = this.#judgeJump();
    if (jump) return jump;
    const nowMs = this.#options.clock.nowMs();
    const timestampSec = Math.max(Math.floor(nowMs / 1000), parentTimestampSec + 1);
    const aheadMs = timestampSec * 1000 - nowMs;
    if (aheadMs <= 1_000) return { timestampSec, waitMs: Math.max(aheadMs, 0) };
    if (aheadMs <= mostAheadSec * 1000) return { timestampSec, waitMs: this.#untilNextMs() };
    const wrong = {
      code: 'clock_behind',
      text: `the clock is ${Math.ceil(aheadMs / 1000)} seconds behind the newest block`,
    };
    return { wrong, waitMs: Math.min(aheadMs - mostAheadSec * 1000, settleMs) };
  }

  /** A block was made now. */
  produced(): void {
    this.#producedAtMs = this.#options.steadyMs();
  }

  #untilNextMs(): number {
    return Math.max(0, this.#producedAtMs + 1_000 - this.#options.steadyMs());
  }

  #judgeJump(): Judgement | null {
    const ahead = this.#offset() - this.#offsetMs;
    const steadyMs = this.#options.steadyMs();
    if (ahead <= jumpMs) {
      this.#jumpedAtMs = null;
      // Small steps, and any backwards, are followed.
      this.#offsetMs += ahead;
      return null;
    }
    this.#jumpedAtMs ??= steadyMs;
    const waitMs = this.#jumpedAtMs + settleMs - steadyMs;
    if (waitMs > 0)
      return {
        wrong: {
          code: 'clock_jumped',
          text: `the clock went ahead by ${Math.round(ahead / 1000)} seconds at once`,
        },
        waitMs,
      };
    this.#jumpedAtMs = null;
    this.#offsetMs += ahead;
    return null;
  }
}
