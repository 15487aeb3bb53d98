/** Work that is done again and again. */
import type { Clock, Log, Worker } from '@lucid/service-kit';

/** `work` answers how long to pause, in milliseconds; after a failure it is tried again after `retryMs`. Told once until it works again. */
export function createRepeating(options: {
  name: string;
  work: (signal: AbortSignal) => Promise<number>;
  retryMs: number;
  clock: Clock;
  log: Log;
}): Worker {
  const { name, work, retryMs, clock, log } = options;
  let round: Promise<unknown> = Promise.resolve();
  return {
    name,
    async run(signal) {
      let failing = false;
      while (!signal.aborted) {
        const working = work(signal).then(
          (pauseMs) => {
            if (failing) log.info({ worker: name }, 'works again');
            failing = false;
            return pauseMs;
          },
          (error: unknown) => {
            if (!failing && !signal.aborted)
              log.warn({ worker: name, err: error }, 'could not be done; it is tried again');
            failing = true;
            return retryMs;
          },
        );
        round = working;
        await clock.sleep(await working, signal).catch(() => {});
      }
    },
    async idle() {
      await round;
    },
  };
}
