/** A clock that runs faster than that on the wall and can be set ahead: what is due by then is done at once. */
import type { Clock } from '@lucid/service-kit';

interface Entry {
  readonly dueAtMs: number;
  readonly work: () => void;
  timer: NodeJS.Timeout;
}

export class FastClock implements Clock {
  readonly #speed: number;
  readonly #begunAtMs = Date.now();
  readonly #entries = new Set<Entry>();
  #offsetMs: number;

  constructor({ startMs = Date.UTC(2026, 0, 1), speed = 5 } = {}) {
    this.#offsetMs = startMs;
    this.#speed = speed;
  }

  nowMs = (): number => Math.floor((Date.now() - this.#begunAtMs) * this.#speed) + this.#offsetMs;

  after = (delayMs: number, work: () => void): (() => void) => {
    const entry: Entry = {
      dueAtMs: this.nowMs() + delayMs,
      work,
      timer: this.#timerOf(delayMs, () => run()),
    };
    const run = () => {
      this.#entries.delete(entry);
      work();
    };
    this.#entries.add(entry);
    return () => {
      clearTimeout(entry.timer);
      this.#entries.delete(entry);
    };
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
    const aheadMs = atMs - this.nowMs();
    if (aheadMs <= 0) return;
    this.#offsetMs += aheadMs;
    const nowMs = this.nowMs();
    for (const entry of [...this.#entries]) {
      clearTimeout(entry.timer);
      const run = () => {
        this.#entries.delete(entry);
        entry.work();
      };
      if (entry.dueAtMs <= nowMs) run();
      else entry.timer = this.#timerOf(entry.dueAtMs - nowMs, run);
    }
  }

  #timerOf(delayMs: number, work: () => void): NodeJS.Timeout {
    return setTimeout(work, Math.min(delayMs / this.#speed, 2 ** 31 - 1));
  }
}
