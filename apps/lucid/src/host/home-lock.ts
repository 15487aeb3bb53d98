/**
 * One process at a time writes a data folder. Each that wants it puts a file of its own name, pid and start time, beside those of
 * the others, and only then looks whether another living one is there; if so it takes its file away and waits. Of two that come
 * at once at least one sees the other. A dead owner's file bears a name no living process has: whoever finds it may remove it,
 * so a kill never needs a clean-up by hand.
 */
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
const NAME = /^lock\.(\d{1,10})-(\d*)$/;

/** Start time of a process in clock ticks (proc(5), field 22), so that a reused pid is told apart; '' where there is no /proc. */
function startedOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startedOf(owner.pid);
  return started === '' || started === owner.started;
}

function livingOwners(home: Home): Owner[] {
  return readdirSync(home.run).flatMap((name) => {
    const [, pid, started] = NAME.exec(name) ?? [];
    if (pid === undefined || started === undefined) return [];
    const owner = { name, pid: Number(pid), started };
    if (isAlive(owner)) return [owner];
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

/** The process in the way, or null where the lock was taken. Throws CliError data_folder_unusable. */
function tryTake(home: Home, name: string): Owner | null {
  try {
    const [before] = livingOwners(home);
    if (before) return before;
    const path = join(home.run, name);
    closeSync(openSync(path, 'wx', 0o600));
    const other = livingOwners(home).find((owner) => owner.name !== name);
    if (other) rmSync(path, { force: true });
    return other ?? null;
  } catch (error) {
    throw unusable(home.root, error);
  }
}

/** Waits up to `waitMs` for another process to finish. Throws CliError data_folder_busy, data_folder_unusable. */
export async function takeHomeLock(home: Home, waitMs: number): Promise<HomeLock> {
  const name = `lock.${process.pid}-${startedOf(process.pid)}`;
  const until = Date.now() + waitMs;
  for (;;) {
    const other = tryTake(home, name);
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
