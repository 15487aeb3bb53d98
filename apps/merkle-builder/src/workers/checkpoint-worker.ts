/** Signs a checkpoint of every tree that has grown, at most one interval after its first unsigned leaf. */
import type { Clock, Log, Worker } from '@lucid/service-kit';
import type { Cadence } from '../domain/cadence.ts';
import type { SessionTrees } from '../domain/session-trees.ts';

/** Trees signed at once: each costs one write. */
const SIGN_TOGETHER = 16;
/** Where the store fails, a tree waits this long for its next try. */
const RETRY_MS = 500;

interface CheckpointWorkerOptions {
  readonly trees: SessionTrees;
  readonly cadence: Cadence;
  readonly clock: Clock;
  readonly log: Log;
}

export function createCheckpointWorker({ trees, cadence, clock, log }: CheckpointWorkerOptions): Worker {
  let signing: Promise<unknown> = Promise.resolve();

  const signOne = async (sessionId: string, again: boolean) => {
    try {
      await trees.sign(sessionId);
    } catch (error) {
      log.error({ sessionId, err: error }, 'could not sign a checkpoint');
      if (again) cadence.add(sessionId, clock.nowMs() + RETRY_MS);
    }
  };
  const signAll = async (sessionIds: readonly string[], again: boolean) => {
    for (let at = 0; at < sessionIds.length; at += SIGN_TOGETHER)
      await Promise.all(sessionIds.slice(at, at + SIGN_TOGETHER).map((each) => signOne(each, again)));
  };
  const adopt = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        await trees.adoptUnsigned();
        return;
      } catch (error) {
        log.error({ err: error }, 'could not look for unsigned trees');
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  };

  return {
    name: 'checkpoints',
    async run(signal) {
      await adopt(signal);
      while (!signal.aborted) {
        await cadence.someWaiting(signal);
        await clock.sleep(cadence.nextInMs(clock.nowMs()) ?? 0, signal).catch(() => {});
        signing = signAll(cadence.takeDue(clock.nowMs()), true);
        await signing;
      }
      // What is left is signed before the service ends; what cannot be, the next start finds.
      await signAll(cadence.takeDue(Number.POSITIVE_INFINITY), false);
    },
    idle: async () => {
      await signing;
    },
  };
}
