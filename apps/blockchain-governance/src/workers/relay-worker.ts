/** Goes on with what was handed in until a block has it, and with what a process left that fell. */
import type { Log, Wakeup, Worker } from '@lucid/service-kit';
import type { RelayDesk } from '../domain/relay-desk.ts';

interface RelayWorkerOptions {
  readonly desk: Pick<RelayDesk, 'advanceAll'>;
  readonly wakeup: Wakeup;
  readonly log: Log;
  readonly pollMs: number;
  readonly idleMs: number;
}

export function createRelayWorker({ desk, wakeup, log, pollMs, idleMs }: RelayWorkerOptions): Worker {
  let round: Promise<unknown> = Promise.resolve();
  /** How many wait; null where that cannot be said. */
  const advance = async (signal: AbortSignal): Promise<number | null> => {
    try {
      return await desk.advanceAll(signal);
    } catch (error) {
      log.warn({ err: error }, 'what was handed in cannot be looked at');
      return null;
    }
  };
  return {
    name: 'relay',
    async run(signal) {
      while (!signal.aborted) {
        const advancing = advance(signal);
        round = advancing;
        await wakeup.wait((await advancing) === 0 ? idleMs : pollMs, signal);
      }
    },
    idle: async () => void (await round),
  };
}
