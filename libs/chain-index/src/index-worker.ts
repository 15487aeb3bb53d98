/** Keeps the index up with the chain: soon after a block that brought one, ever more seldom while none comes, at once when told. */
import { isProblem, type Log, type Wakeup, type Worker } from '@lucid/service-kit';
import { type Indexer, isOvertaken } from './indexer.ts';

interface IndexWorkerOptions {
  readonly indexer: Pick<Indexer<object>, 'indexedHeight' | 'step'>;
  readonly wakeup: Wakeup;
  readonly log: Log;
  readonly pollMs: number;
  readonly idleMs: number;
}

export function createIndexWorker({ indexer, wakeup, log, ...options }: IndexWorkerOptions): Worker {
  const { pollMs, idleMs } = options;
  let round: Promise<unknown> = Promise.resolve();

  /** Blocks that were indexed; null where the ledger or the store failed. */
  const catchUp = async (signal: AbortSignal): Promise<number | null> => {
    try {
      const before = await indexer.indexedHeight();
      while (!signal.aborted && (await indexer.step()));
      return ((await indexer.indexedHeight()) ?? -1) - (before ?? -1);
    } catch (error) {
      if (isOvertaken(error)) return 1;
      // A chain that is about to start, or away, is told of by those who run it.
      log[isProblem(error, 'chain_unavailable') ? 'info' : 'warn'](
        { err: error },
        'could not follow the chain',
      );
      return null;
    }
  };

  return {
    name: 'index',
    async run(signal) {
      let pauseMs = pollMs;
      while (!signal.aborted) {
        const catching = catchUp(signal);
        round = catching;
        const indexed = await catching;
        pauseMs =
          indexed === 0 || indexed === null ? Math.min(pauseMs * 2, Math.max(pollMs, idleMs)) : pollMs;
        await wakeup.wait(pauseMs, signal);
      }
    },
    idle: async () => void (await round),
  };
}
