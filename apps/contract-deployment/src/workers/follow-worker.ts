/** Looks after what has its nonce until it is final, and sleeps where there is nothing. */
import type { Clock, Log, Wakeup, Worker } from '@lucid/service-kit';

interface FollowWorkerOptions {
  /** One look at everything that is open; resolves to how much is left. */
  readonly follow: () => Promise<number>;
  readonly wakeup: Wakeup;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What another process left is found this late. */
const LONGEST_SLEEP_MS = 30_000;

export function createFollowWorker({ follow, wakeup, pollMs, log }: FollowWorkerOptions): Worker {
  return {
    name: 'follow',
    async run(signal) {
      while (!signal.aborted) {
        const left = await follow().catch((err) => {
          log.error({ err }, 'could not look at what was sent');
          return 1;
        });
        await wakeup.wait(left > 0 ? pollMs : LONGEST_SLEEP_MS, signal);
      }
    },
  };
}
