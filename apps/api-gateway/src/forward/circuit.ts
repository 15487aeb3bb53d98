/**
 * Circuit breaker of one service: after some failures in a row requests are refused for a while, then one probes. Only
 * silence counts (no connection, no beginning of an answer in time); a service that answers 500 is there.
 */
export interface CircuitOptions {
  readonly nowMs: () => number;
  /** Default 5. */
  readonly failures?: number;
  /** Doubles with each probe that fails; default 250. */
  readonly openMs?: number;
  /** Default 3,000: a service that is back is used again within 5 s. */
  readonly openCapMs?: number;
}

/** To be told once what became of the request; `left` where the client gave up. */
export type Outcome = 'answered' | 'failed' | 'left';

export class Circuit {
  readonly #options: Required<CircuitOptions>;
  #failed = 0;
  #opened = 0;
  #openUntilMs = 0;
  #probing = false;

  constructor(options: CircuitOptions) {
    this.#options = { failures: 5, openMs: 250, openCapMs: 3_000, ...options };
  }

  /** Milliseconds after which to try again, or what to tell the outcome to. */
  enter(): number | ((outcome: Outcome) => void) {
    const { failures, nowMs } = this.#options;
    const probe = this.#failed >= failures;
    const leftMs = this.#openUntilMs - nowMs();
    if (probe && (leftMs > 0 || this.#probing)) return Math.max(1, leftMs);
    this.#probing ||= probe;
    let told = false;
    return (outcome) => {
      if (told) return;
      told = true;
      if (probe) this.#probing = false;
      if (outcome === 'answered') this.#failed = this.#opened = 0;
      else if (outcome === 'failed') this.#fail(probe);
    };
  }

  get isOpen(): boolean {
    return this.#failed >= this.#options.failures;
  }

  #fail(probe: boolean): void {
    const { failures, openMs, openCapMs, nowMs } = this.#options;
    this.#failed += 1;
    // Requests that were under way when it opened do not make it stay open longer.
    if (this.#failed === failures || probe)
      this.#openUntilMs = nowMs() + Math.min(openCapMs, openMs * 2 ** this.#opened++);
  }
}
