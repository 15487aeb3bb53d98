/** Drives what is due, and sleeps until the next is. */
import type { Stored } from '@lucid/document-store';
import type { Clock, Log, Wakeup, Worker } from '@lucid/service-kit';
import type { Anchoring } from '../domain/anchoring.ts';
import type { AnchoringDocument, AnchoringStore } from '../store/anchoring-store.ts';

const DRIVEN_TOGETHER = 32;
const LARGEST_PAGE = 1000;
/** Work that another process left is found this late. */
const LONGEST_SLEEP_MS = 30_000;
const STORE_RETRY_MS = 1_000;

interface AnchoringWorkerOptions {
  readonly store: AnchoringStore;
  readonly anchoring: Anchoring;
  readonly wakeup: Wakeup;
  readonly clock: Clock;
  readonly log: Log;
  /** Where what comes together is registered together. */
  readonly batches?:
    | {
        /** Driven in a round at most. */
        readonly size: number;
        /** From the begin of a round to that of the next one at least. */
        readonly everyMs: number;
      }
    | undefined;
}

export function createAnchoringWorker(options: AnchoringWorkerOptions): Worker {
  const { store, anchoring, wakeup, clock, log, batches } = options;
  const size = batches?.size ?? DRIVEN_TOGETHER;
  let round: Promise<unknown> = Promise.resolve();
  let running = false;
  let begun = false;

  const firstDue = async (): Promise<Stored<AnchoringDocument>[]> => {
    const found: Stored<AnchoringDocument>[] = [];
    for (let after: string | null | undefined; after !== null && found.length < size; ) {
      const limit = Math.min(size - found.length, LARGEST_PAGE);
      const page = await store.find({ index: 'due', limit, ...(after === undefined ? {} : { after }) });
      found.push(...page.items);
      after = page.next;
    }
    return found;
  };

  /** Milliseconds until there is something to do again; 0 where there may be more at once. */
  const driveDue = async (signal: AbortSignal): Promise<number> => {
    const items = await firstDue();
    const now = clock.nowMs();
    const isDue = ({ document }: Stored<AnchoringDocument>) => (document.nextAttemptAtMs ?? 0) <= now;
    // A process that begins tries all at once: what kept the one before may be over, and it may live for a moment only.
    const due = begun ? items.filter(isDue) : items;
    begun = true;
    const outcomes = await Promise.allSettled(due.map((each) => anchoring.drive(each)));
    const failed = outcomes.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    if (due.length > 0) {
      const restMs = now + (batches?.everyMs ?? 0) - clock.nowMs();
      if (restMs > 0) await clock.sleep(restMs, signal).catch(() => {});
      return 0;
    }
    const next = items[0]?.document.nextAttemptAtMs;
    return next === undefined ? LONGEST_SLEEP_MS : Math.min(next - now, LONGEST_SLEEP_MS);
  };

  return {
    name: 'anchoring',
    async run(signal) {
      running = true;
      while (!signal.aborted) {
        const driving = driveDue(signal).catch((error) => {
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
