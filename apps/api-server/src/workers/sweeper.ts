/** Removes answers whose time is over. They are not heeded before that either; this only frees their room. */
import type { DocumentStore } from '@lucid/document-store';
import type { Clock, Log, Worker } from '@lucid/service-kit';

export function createSweeper(options: {
  documents: Pick<DocumentStore, 'sweepExpired'>;
  everyMs: number;
  clock: Clock;
  log: Log;
}): Worker {
  const { documents, everyMs, clock, log } = options;
  return {
    name: 'sweep',
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => {});
        if (signal.aborted) return;
        await documents
          .sweepExpired(clock.nowMs())
          .catch((error: unknown) => log.warn({ err: error }, 'old answers could not be removed'));
      }
    },
  };
}
