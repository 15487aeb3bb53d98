/**
 * Jumps of this machine's clock: between two looks the time of day moves on as the steady clock does, or somebody has set it. A slow
 * correction (chrony slews by at most 0.1 s in a second) is none.
 */
export interface ClockJump {
  /** Milliseconds since 1970, after the jump. */
  readonly atMs: number;
  /** Forward where positive. */
  readonly byMs: number;
}

const KEPT = 16;

export class ClockWatch {
  readonly #nowMs: () => number;
  readonly #steadyMs: () => number;
  readonly #toleranceMs: number;
  #last: { readonly nowMs: number; readonly steadyMs: number };
  #jumps: readonly ClockJump[] = [];

  /** `steadyMs` counts on whatever happens to the time of day. */
  constructor(options: { nowMs: () => number; steadyMs: () => number; toleranceMs: number }) {
    this.#nowMs = options.nowMs;
    this.#steadyMs = options.steadyMs;
    this.#toleranceMs = options.toleranceMs;
    this.#last = { nowMs: options.nowMs(), steadyMs: options.steadyMs() };
  }

  /** The jump since the last look, if any. */
  look(): ClockJump | undefined {
    const now = { nowMs: this.#nowMs(), steadyMs: this.#steadyMs() };
    const byMs = Math.round(now.nowMs - this.#last.nowMs - (now.steadyMs - this.#last.steadyMs));
    this.#last = now;
    if (Math.abs(byMs) <= this.#toleranceMs) return undefined;
    const jump = { atMs: now.nowMs, byMs };
    this.#jumps = [...this.#jumps, jump].slice(-KEPT);
    return jump;
  }

  /** The last ones, oldest first. */
  get jumps(): readonly ClockJump[] {
    return this.#jumps;
  }
}
