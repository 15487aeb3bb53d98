/**
 * A clock of the test's own: four times as fast as that on the wall where this process gets what it needs, slower where it does not, since its
 * time goes on by turns of the event loop; so no deadline passes because the machine is busy. It can be set ahead: what is due by then is done.
 */
import type { Clock } from '@lucid/service-kit';

const TICK_MS = 10;
const TICK_IS_MS = 40;

interface Entry {
  readonly dueAtMs: number;
  readonly work: () => void;
}

export class FastClock implements Clock {
  readonly #entries = new Set<Entry>();
  readonly #ticking: NodeJS.Timeout;
  #nowMs: number;

  constructor({ startMs = Date.UTC(2026, 0, 1) } = {}) {
    this.#nowMs = startMs;
    // Ticks that were missed are not made up for.
    this.#ticking = setInterval(() => this.setTo(this.#nowMs + TICK_IS_MS), TICK_MS);
  }

  nowMs = (): number => this.#nowMs;

  after = (delayMs: number, work: () => void): (() => void) => {
    const entry: Entry = { dueAtMs: this.#nowMs + delayMs, work };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  };

  sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  /** Never back. */
  setTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const due = [...this.#entries].filter(({ dueAtMs }) => dueAtMs <= this.#nowMs);
    for (const entry of due.sort((a, b) => a.dueAtMs - b.dueAtMs))
      if (this.#entries.delete(entry)) entry.work();
  }

  stop(): void {
    clearInterval(this.#ticking);
  }
}
