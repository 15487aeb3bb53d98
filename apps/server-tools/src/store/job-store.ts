/** What is known of jobs, a file each in the backup folder: a restore replaces the document store, so they cannot lie there. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Job } from '@lucid/contracts';
import type { Static } from 'typebox';
import { Check } from 'typebox/value';

export type JobDocument = Static<typeof Job>;

const FOLDER = '.jobs';
const FILE = /^[0-9a-f]{16}\.json$/;
/** Older ones are forgotten. */
const KEPT = 100;

export class JobStore {
  readonly #folder: string;

  constructor(root: string) {
    this.#folder = join(root, FOLDER);
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Whole or not at all. */
  async put(job: JobDocument): Promise<void> {
    const path = join(this.#folder, `${job.jobId}.json`);
    const aside = `${path}.new`;
    const handle = await open(aside, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(job));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  }

  async get(jobId: string): Promise<JobDocument | null> {
    try {
      const value: unknown = JSON.parse(await readFile(join(this.#folder, `${jobId}.json`), 'utf8'));
      return Check(Job, value) ? (value as JobDocument) : null;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Newest first. */
  async list(): Promise<readonly JobDocument[]> {
    const names = (await readdir(this.#folder)).filter((name) => FILE.test(name));
    const found = await Promise.all(names.map((name) => this.get(name.slice(0, -'.json'.length))));
    return found
      .filter((job) => job !== null)
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  }

  async forgetOld(): Promise<void> {
    for (const { jobId } of (await this.list()).slice(KEPT))
      await rm(join(this.#folder, `${jobId}.json`), { force: true });
  }
}
