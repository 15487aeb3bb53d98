/** Takes a backup a day, verifies it, and only then prunes. */
import { type Clock, isProblem, type Log, type Worker } from '@lucid/service-kit';
import type { Backups } from '../domain/backup/backups.ts';
import { untilDueMs } from '../domain/backup/schedule.ts';
import type { Jobs } from '../domain/jobs/jobs.ts';
import type { JobDocument } from '../store/job-store.ts';

/** What failed, or found another job in its way, is tried again. */
const RETRY_MS = 600_000;
/** Another process may have taken one meanwhile, and the clock may have been set. */
const LONGEST_SLEEP_MS = 3_600_000;

export interface DailyBackupOptions {
  readonly backups: Backups;
  readonly jobs: Jobs;
  /** UTC; absent: none is taken. */
  readonly hour: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export function createDailyBackup({ backups, jobs, hour, clock, log }: DailyBackupOptions): Worker {
  /** Whether it is done; why not stands in the job. */
  const finish = async (start: () => Promise<JobDocument>): Promise<JobDocument | null> => {
    const { jobId } = await start();
    await jobs.idle();
    const ended = await jobs.get(jobId);
    return ended.state === 'done' ? ended : null;
  };

  const takeOne = async (): Promise<boolean> => {
    const dumped = await finish(() => backups.startDump());
    const name = dumped?.dumped?.name;
    if (name === undefined) return false;
    const verified = await finish(() => backups.startVerify(name));
    if (verified?.verified?.ok !== true) {
      log.error({ backup: name }, 'the daily backup is not sound; nothing is pruned');
      return false;
    }
    return (await finish(() => backups.startPrune({}))) !== null;
  };

  /** How long to sleep then. */
  const round = async (dueAt: number): Promise<number> => {
    const nowMs = clock.nowMs();
    const begunMs = (await backups.list())
      .map(({ startedAt }) => Date.parse(startedAt ?? ''))
      // One of the time to come was begun under a wrong clock, and must not put off all others until then.
      .find((each) => each <= nowMs);
    const waitMs = untilDueMs(nowMs, dueAt, begunMs);
    if (waitMs > 0) return Math.min(waitMs, LONGEST_SLEEP_MS);
    return (await takeOne()) ? 0 : RETRY_MS;
  };

  let working: Promise<unknown> = Promise.resolve();
  return {
    name: 'daily backup',
    async run(signal) {
      if (hour === undefined) return;
      while (!signal.aborted) {
        const done = round(hour).catch((error) => {
          if (!isProblem(error, 'job_running'))
            log.error({ err: error }, 'the daily backup could not be taken');
          return RETRY_MS;
        });
        working = done;
        const pauseMs = await done;
        if (pauseMs > 0) await clock.sleep(pauseMs, signal).catch(() => {});
      }
    },
    async idle() {
      await working;
    },
  };
}
