/**
 * Work that takes longer than a request: one job at a time in the whole installation, with progress, an end, and a document that
 * survives the process. A job whose process was killed is found as `interrupted` by whoever looks next.
 */
import { type Clock, isProblem, type Log } from '@lucid/service-kit';
import { problem } from '../../problem.ts';
import type { JobDocument, JobStore } from '../../store/job-store.ts';
import type { BackupFolder } from '../backup/backup-folder.ts';
import type { JobRun } from '../backup/dump.ts';
import { inFolder } from '../backup/file-errors.ts';
import { ProgressMeter } from '../backup/progress.ts';
import { type FolderLock, isFolderTaken, takeFolderLock } from './folder-lock.ts';
import { failureOf, storeProblem } from './job-failure.ts';

export type JobKind = JobDocument['kind'];
/** What a job leaves in its document. */
export type JobResult = Pick<JobDocument, 'dumped' | 'verified' | 'restored' | 'pruned'>;

export interface JobWork {
  readonly kind: JobKind;
  readonly backup?: string | undefined;
  run(run: JobRun): Promise<JobResult>;
}

export interface JobsOptions {
  readonly folder: BackupFolder;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
}

interface RunningJob {
  document: JobDocument;
  readonly stopping: AbortController;
  ended: Promise<void>;
}

const LOCK_BYTES = 4;
const JOB_ID_BYTES = 8;
/** How often progress is written where other processes see it. */
const PROGRESS_MS = 1_000;
const CANCELLED = 'cancelled';
const STOPPED = 'stopped';

export class Jobs {
  readonly #options: JobsOptions;
  #running: RunningJob | null = null;
  /** How the last one ended, should the disk not have taken it. */
  #last: JobDocument | null = null;
  #starting = false;
  #closed = false;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Answers once it runs. @throws ProblemError job_running, folder_unusable, folder_full */
  async start(work: JobWork): Promise<JobDocument> {
    if (this.#running || this.#starting || this.#closed) throw this.#busy();
    this.#starting = true;
    try {
      return await this.#inFolder(() => this.#begin(work));
    } finally {
      this.#starting = false;
    }
  }

  /** @throws ProblemError job_unknown, folder_unusable */
  async get(jobId: string): Promise<JobDocument> {
    const job = this.#own(jobId) ?? (await this.#inFolder(() => this.#stored(jobId)));
    if (!job) throw problem('job_unknown');
    return job;
  }

  /** Resolves with the job's end, or after `waitMs`; rejects when the signal aborts. */
  async wait(jobId: string, waitMs: number, signal: AbortSignal): Promise<JobDocument> {
    const { clock } = this.#options;
    const running = this.#running;
    if (waitMs > 0 && running?.document.jobId === jobId) {
      const waiting = new AbortController();
      const pause = clock.sleep(waitMs, AbortSignal.any([signal, waiting.signal])).catch(() => {});
      await Promise.race([running.ended, pause]);
      waiting.abort();
      signal.throwIfAborted();
    }
    return this.get(jobId);
  }

  /** Newest first. @throws ProblemError folder_unusable */
  list(): Promise<readonly JobDocument[]> {
    return this.#inFolder(async () => {
      const { store } = this.#options;
      await store.prepare();
      const found = await store.list();
      return Promise.all(found.map(async (each) => this.#own(each.jobId) ?? this.#judged(each)));
    });
  }

  /** Resolves when it has ended. @throws ProblemError job_unknown, job_over, job_elsewhere */
  async cancel(jobId: string): Promise<JobDocument> {
    const running = this.#running;
    if (running?.document.jobId === jobId) {
      running.stopping.abort(new Error(CANCELLED));
      await running.ended;
      return this.get(jobId);
    }
    const { state } = await this.get(jobId);
    throw problem(state === 'running' ? 'job_elsewhere' : 'job_over');
  }

  /** Resolves when no job runs in this process. */
  async idle(): Promise<void> {
    await this.#running?.ended;
  }

  /** The job that runs is interrupted. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running?.stopping.abort(new Error(STOPPED));
    await this.idle();
  }

  async #begin(work: JobWork): Promise<JobDocument> {
    const { folder, store, random } = this.#options;
    await folder.prepare();
    await store.prepare();
    const lock = await takeFolderLock(folder.root, random(LOCK_BYTES));
    if (!lock) throw this.#busy();
    try {
      await this.#clear();
      const document: JobDocument = {
        jobId: Buffer.from(random(JOB_ID_BYTES)).toString('hex'),
        kind: work.kind,
        state: 'running',
        ...(work.backup === undefined ? {} : { backup: work.backup }),
        startedAt: this.#now(),
        progress: { phase: 'begins', collections: 0, collectionsDone: 0, documents: 0, bytes: 0 },
      };
      await store.put(document);
      this.#launch(document, work, lock);
      return document;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** With the lock in hand: what says that it runs was killed, what is being written is left over. */
  async #clear(): Promise<void> {
    const { folder, store } = this.#options;
    for (const job of await store.list())
      if (job.state === 'running') await store.put(this.#interrupted(job));
    await store.forgetOld();
    await folder.removeLeftovers();
  }

  #launch(document: JobDocument, work: JobWork, lock: FolderLock): void {
    const { store, clock } = this.#options;
    const stopping = new AbortController();
    const running: RunningJob = { document, stopping, ended: Promise.resolve() };
    let writtenMs = clock.nowMs();
    let writing: Promise<void> = Promise.resolve();
    const meter = new ProgressMeter((progress) => {
      running.document = { ...running.document, progress: { ...progress } };
      if (clock.nowMs() - writtenMs < PROGRESS_MS) return;
      writtenMs = clock.nowMs();
      const now = running.document;
      writing = writing.then(() => store.put(now)).catch(() => {});
    });
    running.ended = this.#outcome(work, { signal: stopping.signal, meter }).then(async (outcome) => {
      await writing;
      this.#last = { ...running.document, ...outcome, endedAt: this.#now() };
      await this.#settle(this.#last, lock);
      this.#running = null;
    });
    this.#running = running;
  }

  async #outcome(work: JobWork, run: JobRun): Promise<Pick<JobDocument, 'state' | 'failure'> & JobResult> {
    const { log } = this.#options;
    try {
      return { state: 'done', ...(await work.run(run)) };
    } catch (error) {
      const { reason } = run.signal as { reason?: Error };
      // What fails by itself has failed: a restore that may not be ended any more leaves a mixture then.
      if (run.signal.aborted && !isProblem(storeProblem(error)))
        return { state: reason?.message === STOPPED ? 'interrupted' : 'cancelled' };
      log.error({ err: error, job: work.kind }, 'job failed');
      return { state: 'failed', failure: failureOf(error) };
    }
  }

  /** A disk that is full takes no document either; then it stays as it was and is found interrupted. */
  async #settle(document: JobDocument, lock: FolderLock): Promise<void> {
    const { store, log } = this.#options;
    await store
      .put(document)
      .catch((error) => log.error({ err: error, jobId: document.jobId }, 'could not write how a job ended'));
    await lock.release().catch((error) => log.error({ err: error }, 'could not release the backup folder'));
    log.info({ jobId: document.jobId, job: document.kind, state: document.state }, 'job ended');
  }

  #own(jobId: string): JobDocument | undefined {
    return [this.#running?.document, this.#last].find((each) => each?.jobId === jobId) ?? undefined;
  }

  async #stored(jobId: string): Promise<JobDocument | null> {
    await this.#options.store.prepare();
    const found = await this.#options.store.get(jobId);
    return found && this.#judged(found);
  }

  /** What a document says that is not of this process's job. */
  async #judged(job: JobDocument): Promise<JobDocument> {
    if (job.state !== 'running' || (await isFolderTaken(this.#options.folder.root))) return job;
    // It may have ended between the two looks.
    const again = await this.#options.store.get(job.jobId);
    return again?.state === 'running' ? this.#interrupted(again) : (again ?? job);
  }

  #interrupted(job: JobDocument): JobDocument {
    return { ...job, state: 'interrupted', endedAt: this.#now() };
  }

  #busy() {
    const jobId = this.#running?.document.jobId;
    return problem('job_running', jobId ? { extensions: { jobId } } : {});
  }

  #now(): string {
    return new Date(this.#options.clock.nowMs()).toISOString();
  }

  #inFolder<T>(work: () => Promise<T>): Promise<T> {
    return inFolder(this.#options.folder.root, work);
  }
}
