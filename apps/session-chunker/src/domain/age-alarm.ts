/**
 * Wakes streams whose buffered bytes have waited long enough. One sleep for all of them, and none while nothing is
 * buffered: an idle session costs no timer.
 */
import type { Clock } from '@lucid/service-kit';

export class AgeAlarm {
  readonly #options: { readonly maxAgeMs: number; readonly clock: Clock };
  /** In order of arming; all wait equally long, so also in order of ringing. */
  readonly #due = new Map<object, { readonly atMs: number; readonly ring: () => void }>();
  readonly #stopping = new AbortController();
  #sleeping = false;

  constructor(options: { readonly maxAgeMs: number; readonly clock: Clock }) {
    this.#options = options;
  }

  /** Rings once, `maxAgeMs` after the first arming. */
  arm(owner: object, ring: () => void): void {
    if (this.#due.has(owner)) return;
    this.#due.set(owner, { atMs: this.#options.clock.nowMs() + this.#options.maxAgeMs, ring });
    if (!this.#sleeping) void this.#sleepOn();
  }

  disarm(owner: object): void {
    this.#due.delete(owner);
  }

  close(): void {
    this.#due.clear();
    this.#stopping.abort();
  }

  async #sleepOn(): Promise<void> {
    this.#sleeping = true;
    const { clock } = this.#options;
    try {
      for (let next = this.#first(); next; next = this.#first()) {
        await clock.sleep(Math.max(0, next.atMs - clock.nowMs()), this.#stopping.signal);
        this.#ringDue(clock.nowMs());
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    } finally {
      this.#sleeping = false;
    }
  }

  #first() {
    return this.#due.values().next().value;
  }

  #ringDue(nowMs: number): void {
    for (const [owner, { atMs, ring }] of this.#due) {
      if (atMs > nowMs) return;
      this.#due.delete(owner);
      ring();
    }
  }
}
