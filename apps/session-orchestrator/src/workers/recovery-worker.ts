/** Looks at every running session at start, until each could be judged, and from then on now and again. */
import type { Clock, Log, Worker } from '@lucid/service-kit';
import type { Recovery } from '../domain/recovery.ts';

/** At start the other services may still be starting. */
const RETRY_MS = 250;

interface RecoveryWorkerOptions {
  readonly recovery: Recovery;
  readonly superviseMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function createRecoveryWorker({ recovery, superviseMs, clock, log }: RecoveryWorkerOptions): Worker {
  let round: Promise<unknown> = Promise.resolve();
  const look = (atStart: boolean): Promise<number> => {
    const looking = (async () => {
      if (atStart) await recovery.hasten();
      return recovery.lookAtAll({ atStart });
    })().catch((error) => {
      log.error({ err: error }, 'could not look at the sessions');
      return 1;
    });
    round = looking;
    return looking;
  };
  return {
    name: 'recovery',
    async run(signal) {
      let atStart = true;
      while (!signal.aborted) {
        const unjudged = await look(atStart);
        atStart = atStart && unjudged > 0;
        await clock.sleep(atStart ? RETRY_MS : superviseMs, signal).catch(() => {});
      }
    },
    idle: async () => {
      await round;
    },
  };
}
