/** A clock that stands still until a test moves it. */
import { type Clock, sleepOn } from './clock.ts';

export interface ManualClock extends Clock {
  /** Moves on by `byMs`, running what falls due in its order, and lets the promises behind it settle. */
  advance(byMs: number): Promise<void>;
  /** Delays asked for and not yet due, in milliseconds from now, shortest first. */
  readonly pendingMs: readonly number[];
}

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  let due: { atMs: number; work: () => void }[] = [];
  const after: Clock['after'] = (delayMs, work) => {
    const entry = { atMs: nowMs + delayMs, work };
    due.push(entry);
    due.sort((a, b) => a.atMs - b.atMs);
    return () => {
      due = due.filter((each) => each !== entry);
    };
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    nowMs: () => nowMs,
    after,
    sleep: (delayMs, signal) => sleepOn(after, delayMs, signal),
    get pendingMs() {
      return due.map((each) => each.atMs - nowMs);
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (let next = due[0]; next && next.atMs <= untilMs; next = due[0]) {
        due.shift();
        nowMs = next.atMs;
        next.work();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}
