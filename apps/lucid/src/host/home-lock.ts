/**
 * One process at a time writes a data folder. Each that wants it puts a file of its own name, pid and start time, beside those of
 * the others, and only then looks whether another living one is there; if so it takes its file away and waits. Of two that come
 * at once at least one sees the other. A dead owner's file bears a name no living process has: whoever finds it may remove it,
 * so a kill never needs a clean-up by hand. The name also says which folder it is of, since a copy of the folder, made while a process
 * had it, has the file, too, and nobody has the copy. Files stay empty: a full disk takes them.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli/cli-error.ts';
import { type Home, unusable } from './home.ts';

export interface HomeLock {
  release(): void;
}

interface Owner {
  readonly name: string;
  readonly pid: number;
  readonly started: string;
}

const RETRY_MS = 50;
const NAME = /^lock\.(\d{1,10})-(\d*)(?:-(\d+)-([0-9a-f]{16}))?$/;

/** State and start time of a process in clock ticks (proc(5), fields 3 and 22); null where there is no /proc. */
function statOf(pid: number): { readonly state: string; readonly started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** The start time tells a reused pid apart; a process that its parent has not reaped yet (Z) is dead all the same. */
function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const stat = statOf(owner.pid);
  return stat === null || (stat.started === owner.started && !'ZX'.includes(stat.state));
}

interface Place {
  readonly inode: string;
  readonly path: string;
}

const placeOf = ({ run }: Home): Place => ({
  inode: String(statSync(run, { bigint: true }).ino),
  path: createHash('sha256').update(realpathSync(run)).digest('hex').slice(0, 16),
});

/** A moved folder keeps its inode, one on a file system that makes inodes up keeps its path; only a copy has neither. */
const isCopy = (here: Place, { inode = here.inode, path = here.path }: Partial<Place>): boolean =>
  inode !== here.inode && path !== here.path;

function livingOwners(home: Home): Owner[] {
  const here = placeOf(home);
  return readdirSync(home.run).flatMap((name) => {
    const [, pid, started, inode, path] = NAME.exec(name) ?? [];
    if (pid === undefined || started === undefined) return [];
    const owner = { name, pid: Number(pid), started };
    if (!isCopy(here, { inode, path }) && isAlive(owner)) return [owner];
    rmSync(join(home.run, name), { force: true });
    return [];
  });
}

/** The process that has the data folder; null where none does, or it cannot be said. */
export function lockOwner(home: Home): number | null {
  try {
    return livingOwners(home)[0]?.pid ?? null;
  } catch {
    return null;
  }
}

/** Whether a process that had the data folder has ended or let go of it; false where that cannot be said. */
export function hasLetGo(home: Home, pid: number): boolean {
  try {
    return livingOwners(home).every((owner) => owner.pid !== pid);
  } catch {
    return false;
  }
}

/** The process in the way, or null where the lock was taken. */
function tryTake(home: Home, name: string): Owner | null {
  const [before] = livingOwners(home);
  if (before) return before;
  const path = join(home.run, name);
  closeSync(openSync(path, 'wx', 0o600));
  const other = livingOwners(home).find((owner) => owner.name !== name);
  if (other) rmSync(path, { force: true });
  return other ?? null;
}

function nameOf(home: Home): string {
  const { inode, path } = placeOf(home);
  return `lock.${process.pid}-${statOf(process.pid)?.started ?? ''}-${inode}-${path}`;
}

function usable<T>(home: Home, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unusable(home.root, error, home.run);
  }
}

/** Waits up to `waitMs` for another process to finish. Throws CliError data_folder_busy, data_folder_unusable. */
export async function takeHomeLock(home: Home, waitMs: number): Promise<HomeLock> {
  const name = usable(home, () => nameOf(home));
  const until = Date.now() + waitMs;
  for (;;) {
    const other = usable(home, () => tryTake(home, name));
    if (!other) return { release: () => rmSync(join(home.run, name), { force: true }) };
    if (Date.now() > until) {
      throw new CliError(
        'data_folder_busy',
        `process ${other.pid} is using the data folder ${home.root}. Wait for it to end, or name another folder with LUCID_HOME.`,
      );
    }
    // Two that came at once and both stepped back shall not come at once again.
    await delay(RETRY_MS * (0.5 + Math.random()));
  }
}
