/** The document store's jobs: each begins, checks what can be refused at once, and does the rest behind its document. */
import type { StoreStats } from '@lucid/contracts';
import type { BackupDatabase } from '@lucid/store-mongo/backup';
import type { Static } from 'typebox';
import type { JobDocument } from '../../store/job-store.ts';
import { storeProblem } from '../jobs/job-failure.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { BackupFolder, Manifest } from './backup-folder.ts';
import { backupNameAt, dump } from './dump.ts';
import { listBackups, type Summary, summaryOf } from './list-backups.ts';
import { prune, type Retention } from './prune.ts';
import { type RestoreRequest, restore } from './restore.ts';
import { type RestoreState, readRestoreState } from './restore-state.ts';
import { verify } from './verify.ts';

export interface BackupsOptions {
  readonly database: BackupDatabase;
  readonly folder: BackupFolder;
  readonly jobs: Jobs;
  readonly retention: Retention;
  readonly recipient?: string | undefined;
  readonly identity?: string | undefined;
  readonly nowMs: () => number;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly toolVersion: string;
}

const NAME_BYTES = 3;
/** Asks of the store that run at once. */
const ASKED_TOGETHER = 4;

export class Backups {
  readonly #options: BackupsOptions;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** @throws ProblemError job_running, folder_unusable, folder_full */
  startDump(): Promise<JobDocument> {
    const { jobs, nowMs, random } = this.#options;
    const name = backupNameAt(nowMs(), random(NAME_BYTES));
    return jobs.start({
      kind: 'dump',
      backup: name,
      run: async (run) => ({ dumped: summaryOf(name, await dump(this.#options, name, run)) }),
    });
  }

  /** @throws ProblemError backup_unknown, job_running, folder_unusable, folder_full */
  async startVerify(backup: string): Promise<JobDocument> {
    await this.#assertThere(backup);
    return this.#options.jobs.start({
      kind: 'verify',
      backup,
      run: async (run) => ({ verified: await verify(this.#options, backup, run) }),
    });
  }

  /** @throws ProblemError backup_unknown, job_running, folder_unusable, folder_full */
  async startRestore(request: RestoreRequest): Promise<JobDocument> {
    await this.#assertThere(request.backup);
    return this.#options.jobs.start({
      kind: 'restore',
      backup: request.backup,
      run: async (run) => ({ restored: await restore(this.#options, request, run) }),
    });
  }

  /** @throws ProblemError job_running, folder_unusable, folder_full */
  startPrune(asked: Partial<Retention>): Promise<JobDocument> {
    const { jobs, retention } = this.#options;
    const rules = { keep: asked.keep ?? retention.keep, days: asked.days ?? retention.days };
    return jobs.start({
      kind: 'prune',
      run: async (run) => ({ pruned: await prune(this.#options, rules, run) }),
    });
  }

  /** Newest first, those that cannot be used behind the others. @throws ProblemError folder_unusable */
  async list(): Promise<Summary[]> {
    const { folder } = this.#options;
    await folder.prepare();
    const { finished, unfinished } = await listBackups(folder);
    return [
      ...finished.map(({ name, manifest }) => summaryOf(name, manifest)),
      ...unfinished.map((name) => ({ name, state: 'unfinished' as const })),
    ];
  }

  /** @throws ProblemError backup_unknown, backup_unfinished, folder_unusable */
  async manifest(backup: string): Promise<Manifest> {
    return (await this.#options.folder.open(backup)).manifest;
  }

  /** @throws ProblemError store_unreachable, store_refused, store_failed */
  async stats(): Promise<Static<typeof StoreStats>> {
    try {
      return await this.#stats();
    } catch (error) {
      throw storeProblem(error);
    }
  }

  async #stats(): Promise<Static<typeof StoreStats>> {
    const { database } = this.#options;
    const server = await database.server();
    const names = (await database.collections()).map(({ name }) => name);
    const collections: Static<typeof StoreStats>['collections'] = [];
    for (let at = 0; at < names.length; at += ASKED_TOGETHER) {
      const some = names.slice(at, at + ASKED_TOGETHER);
      collections.push(...(await Promise.all(some.map((name) => database.stats(name)))));
    }
    const disk = await database.disk();
    const state = await readRestoreState(database);
    const sum = (of: (each: (typeof collections)[number]) => number) =>
      collections.reduce((total, each) => total + of(each), 0);
    return {
      server,
      database: database.name,
      collections,
      totals: {
        documents: sum(({ documents }) => documents),
        sizeBytes: sum(({ sizeBytes }) => sizeBytes),
        storageBytes: sum(({ storageBytes }) => storageBytes),
        indexBytes: sum(({ indexBytes }) => indexBytes),
      },
      ...(disk ? { disk } : {}),
      ...(state ? { restoring: toldOf(state) } : {}),
    };
  }

  async #assertThere(backup: string): Promise<void> {
    await this.#options.folder.prepare();
    await this.#options.folder.assertThere(backup);
  }
}

const toldOf = ({ backup, phase, mixedWith }: RestoreState) => ({
  ...{ backup, phase },
  ...(mixedWith === undefined ? {} : { mixedWith }),
});
