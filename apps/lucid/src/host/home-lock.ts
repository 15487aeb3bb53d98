/**
 * One process at a time writes a data folder. The lock is a file with the owner's pid and start time; a dead owner's
 * lock is taken over, so a kill never needs a clean-up by hand.
 */
import { closeSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli/cli-error.ts';
import type { Home } from './home.ts';

export interface HomeLock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly started: string;
}

const RETRY_MS = 50;

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

function readOwner(path: string): Owner | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>;
    return typeof value.pid === 'number' && typeof value.started === 'string'
      ? { pid: value.pid, started: value.started }
      : null;
  } catch {
    return null;
  }
}

/** Puts the lock in place whole or not at all: written aside, then linked under its name. */
function tryTake(path: string): boolean {
  const aside = `${path}.${process.pid}`;
  const fd = openSync(aside, 'w', 0o600);
  writeSync(fd, JSON.stringify({ pid: process.pid, started: startedOf(process.pid) } satisfies Owner));
  closeSync(fd);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    unlinkSync(aside);
  }
}

function dropIfDead(path: string): Owner | null {
  const owner = readOwner(path);
  if (owner && isAlive(owner)) return owner;
  try {
    unlinkSync(path);
  } catch {
    // another process was quicker
  }
  return null;
}

export function lockOwner(home: Home): number | null {
  const owner = readOwner(join(home.run, 'lock'));
  return owner && isAlive(owner) ? owner.pid : null;
}

/** Waits up to `waitMs` for another process to finish. Throws CliError data_folder_busy. */
export async function takeHomeLock(home: Home, waitMs: number): Promise<HomeLock> {
  const path = join(home.run, 'lock');
  const until = Date.now() + waitMs;
  for (;;) {
    if (tryTake(path)) return { release: () => unlinkSync(path) };
    const owner = dropIfDead(path);
    if (!owner) continue;
    if (Date.now() > until) {
      throw new CliError(
        'data_folder_busy',
        `process ${owner.pid} is using the data folder ${home.root}. Wait for it to end, or name another folder with LUCID_HOME.`,
      );
    }
    await delay(RETRY_MS);
  }
}
