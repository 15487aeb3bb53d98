/**
 * Files that are there whole or not at all, whenever the process ends: written aside, synced, then given their name, and the folder
 * synced. Mode 0600, folders 0700.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { problem } from '../problem.ts';

const ASIDE = /\.[0-9a-f]{16}\.new$/;
/** Older ones are of a process that ended. */
const ASIDE_MS = 60_000;
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

export class DurableFolder {
  readonly root: string;
  readonly #folders: readonly string[];
  readonly #beforeStep: (step: string) => void;

  /**
   * `folders`: below `root`. `beforeStep` is called before each change of the disk, so that tests can end there. Opens nothing.
   */
  constructor(root: string, folders: readonly string[], beforeStep: (step: string) => void = () => {}) {
    this.root = root;
    this.#folders = ['.', ...folders];
    this.#beforeStep = beforeStep;
  }

  pathOf(name: string): string {
    return join(this.root, name);
  }

  /** Makes what is missing of the folders. */
  prepare(): Promise<void> {
    return this.#at('.', async () => {
      for (const each of this.#folders) await mkdir(this.pathOf(each), { recursive: true, mode: 0o700 });
    });
  }

  /** Removes what processes left that ended while they wrote: it may hold a key. */
  tidy(nowMs: number): Promise<void> {
    return this.#at('.', async () => {
      for (const folder of this.#folders) {
        for (const name of (await readdir(this.pathOf(folder))).filter((found) => ASIDE.test(found))) {
          const path = join(this.pathOf(folder), name);
          const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
          if (nowMs - mtimeMs > ASIDE_MS) await unlink(path).catch(() => {});
        }
      }
    });
  }

  /** Null where it is not there. */
  read(name: string): Promise<Buffer | null> {
    return this.#at(name, async () => {
      try {
        return await readFile(this.pathOf(name));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    });
  }

  /** Names in a folder, without those that are being written; none where there is no folder. */
  list(folder: string): Promise<string[]> {
    return this.#at(folder, async () => {
      try {
        return (await readdir(this.pathOf(folder))).filter((name) => !ASIDE.test(name));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  /** Milliseconds since the Unix epoch at which it was last written; null where it is not there. */
  writtenAtMs(name: string): Promise<number | null> {
    return this.#at(name, () =>
      stat(this.pathOf(name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      ),
    );
  }

  /** Replaces what has this name. */
  write(name: string, text: string): Promise<void> {
    return this.#at(name, async () => {
      const aside = await this.#writeAside(name, text);
      this.#beforeStep(`rename ${name}`);
      await rename(aside, this.pathOf(name));
      await this.#sync(name);
    });
  }

  /** Resolves to false, and changes nothing, where something has this name already. */
  create(name: string, text: string): Promise<boolean> {
    return this.#at(name, async () => {
      const aside = await this.#writeAside(name, text);
      try {
        this.#beforeStep(`link ${name}`);
        await link(aside, this.pathOf(name));
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await unlink(aside).catch(() => {});
      }
      await this.#sync(name);
      return true;
    });
  }

  /** It is gone for good, also if it was before. */
  remove(name: string): Promise<void> {
    return this.#at(name, async () => {
      this.#beforeStep(`remove ${name}`);
      try {
        await unlink(this.pathOf(name));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return;
        throw error;
      }
      await this.#sync(name);
    });
  }

  async #writeAside(name: string, text: string): Promise<string> {
    const aside = `${this.pathOf(name)}.${randomBytes(8).toString('hex')}.new`;
    this.#beforeStep(`write ${name}`);
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    return aside;
  }

  async #sync(name: string): Promise<void> {
    this.#beforeStep(`sync ${name}`);
    const folder = await open(dirname(this.pathOf(name)), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** @throws ProblemError store_full or registry_unusable, which names the file */
  async #at<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const { code, syscall } = cause as NodeJS.ErrnoException;
      if (code === undefined || syscall === undefined) throw cause;
      if (FULL.includes(code)) throw problem('store_full', { cause });
      const detail = `${this.pathOf(name)}: ${code}; check that the volume is there and that this user may write to it.`;
      throw problem('registry_unusable', { detail, cause });
    }
  }
}
