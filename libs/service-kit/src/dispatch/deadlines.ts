import type { Clock } from '../clock.ts';

export interface Expiring {
  /** Milliseconds since the Unix epoch. */
  readonly deadlineAtMs: number;
  expire(): void;
}

/** After a timer found nothing due, the next fires this much later at the earliest: that a scan of all stays cheap. */
const leastPauseMs = 20;

/**
 * One timer for the deadlines of all calls, since nearly every call ends long before its own: it stands at the earliest
 * and is set anew only when it fires. No timer stands while no call runs.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #waiting = new Set<Expiring>();
  #armedForMs = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(each: Expiring): void {
    this.#waiting.add(each);
    if (each.deadlineAtMs < this.#armedForMs) this.#arm(each.deadlineAtMs);
  }

  remove(each: Expiring): void {
    if (this.#waiting.delete(each) && this.#waiting.size === 0) this.#disarm();
  }

  #arm(atMs: number): void {
    this.#cancel?.();
    this.#armedForMs = atMs;
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.nowMs()), () => this.#fire());
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedForMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarm();
    const nowMs = this.#clock.nowMs();
    let earliestMs = Number.POSITIVE_INFINITY;
    const due: Expiring[] = [];
    for (const each of this.#waiting) {
      if (each.deadlineAtMs <= nowMs) due.push(each);
      else earliestMs = Math.min(earliestMs, each.deadlineAtMs);
    }
    for (const each of due) this.#waiting.delete(each);
    for (const each of due) each.expire();
    const stillWaiting = this.#waiting.size > 0 && earliestMs < this.#armedForMs;
    if (stillWaiting) this.#arm(Math.max(earliestMs, nowMs + leastPauseMs));
  }
}
