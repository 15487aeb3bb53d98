/** Makes the moves of runs that are open, and sleeps until the next is due. */
import type { Log, Wakeup, Worker } from '@lucid/service-kit';

interface RunWorkerOptions {
  /** One move of every open run; resolves to the milliseconds until the next, at most what it is given. */
  readonly drive: (longestMs: number) => Promise<number>;
  readonly wakeup: Wakeup;
  readonly log: Log;
}

/** What another process left is found this late. */
const LONGEST_SLEEP_MS = 30_000;
const RETRY_MS = 1_000;

export function createRunWorker({ drive, wakeup, log }: RunWorkerOptions): Worker {
  return {
    name: 'runs',
    async run(signal) {
      while (!signal.aborted) {
        const pauseMs = await drive(LONGEST_SLEEP_MS).catch((err) => {
          log.error({ err }, 'could not go on with runs');
          return RETRY_MS;
        });
        if (pauseMs > 0) await wakeup.wait(pauseMs, signal);
      }
    },
  };
}
