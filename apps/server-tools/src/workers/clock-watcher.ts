/** Looks at the clock of this machine again and again, so that a jump is found although nobody asks. */
import type { Clock, Log, Worker } from '@lucid/service-kit';
import type { ClockWatch } from '../domain/diag/clock-watch.ts';

const LOOK_MS = 10_000;

export const createClockWatcher = (options: { watch: ClockWatch; clock: Clock; log: Log }): Worker => ({
  name: 'clock watcher',
  async run(signal) {
    const { watch, clock, log } = options;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => {});
      const jump = signal.aborted ? undefined : watch.look();
      if (jump) log.warn({ byMs: jump.byMs }, 'the clock of this machine jumped');
    }
  },
});
