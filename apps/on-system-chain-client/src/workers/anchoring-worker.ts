/** Drives what is due, and sleeps until the next is. */
import type { Clock, Log, Wakeup, Worker } from '@lucid/service-kit';
import type { Anchoring } from '../domain/anchoring.ts';
import type { AnchoringStore } from '../store/anchoring-store.ts';

const DRIVEN_TOGETHER = 32;
/** Work that another process left is found this late. */
const LONGEST_SLEEP_MS = 30_000;
const STORE_RETRY_MS = 1_000;

interface AnchoringWorkerOptions {
  readonly store: AnchoringStore;
  readonly anchoring: Anchoring;
  readonly wakeup: Wakeup;
  readonly clock: Clock;
  readonly log: Log;
}

export function createAnchoringWorker(options: AnchoringWorkerOptions): Worker {
  const { store, anchoring, wakeup, clock, log } = options;
  let round: Promise<unknown> = Promise.resolve();
  let running = false;

  /** Milliseconds until there is something to do again; 0 where there may be more at once. */
  const driveDue = async (): Promise<number> => {
    const { items } = await store.find({ index: 'due', limit: DRIVEN_TOGETHER });
    const now = clock.nowMs();
    const due = items.filter(({ document }) => (document.nextAttemptAtMs ?? 0) <= now);
    const outcomes = await Promise.allSettled(due.map((each) => anchoring.drive(each)));
    const failed = outcomes.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    if (due.length > 0) return 0;
    const next = items[0]?.document.nextAttemptAtMs;
    return next === undefined ? LONGEST_SLEEP_MS : Math.min(next - now, LONGEST_SLEEP_MS);
  };

  return {
    name: 'anchoring',
    async run(signal) {
      running = true;
      while (!signal.aborted) {
        const driving = driveDue().catch((error) => {
          log.error({ err: error }, 'could not drive anchors');
          return STORE_RETRY_MS;
        });
        round = driving;
        const pauseMs = await driving;
        if (pauseMs > 0) await wakeup.wait(pauseMs, signal);
      }
      running = false;
    },
    async idle() {
      for (;;) {
        await round;
        const { items } = await store.find({ index: 'due', to: clock.nowMs() + 1, limit: 1 });
        if (items.length === 0 || !running) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
