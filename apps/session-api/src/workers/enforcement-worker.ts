/** Holds the running sessions against their policies, now and again. */
import type { Clock, Log, Worker } from '@lucid/service-kit';
import type { Enforcement } from '../domain/enforcement.ts';

export function createEnforcementWorker(options: {
  readonly enforcement: Enforcement;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Log;
}): Worker {
  const { enforcement, everyMs, clock, log } = options;
  let round: Promise<unknown> = Promise.resolve();
  return {
    name: 'enforcement',
    async run(signal) {
      while (!signal.aborted) {
        round = enforcement.lookAtAll().catch((error: unknown) => {
          log.error({ err: error }, 'could not hold the sessions against their policies');
        });
        await round;
        await clock.sleep(everyMs, signal).catch(() => {});
      }
    },
    idle: async () => {
      await round;
    },
  };
}
