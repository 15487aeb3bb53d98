import type { Clock } from './clock.ts';

/** Lets a worker sleep until its next work is due or somebody brings new work. */
export class Wakeup {
  readonly #clock: Clock;
  #notified = false;
  #interrupt: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the current wait, or the next one at once. */
  notify(): void {
    this.#notified = true;
    this.#interrupt?.();
  }

  /** Resolves after `delayMs`, a notification, or the signal's abort; whichever comes first. */
  async wait(delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#notified && !signal.aborted) {
      const woken = new AbortController();
      this.#interrupt = () => woken.abort();
      await this.#clock.sleep(delayMs, AbortSignal.any([signal, woken.signal])).catch(() => {});
      this.#interrupt = null;
    }
    this.#notified = false;
  }
}
