/**
 * Where results go: a file that appears whole or not at all (written aside, synced, renamed), a device or pipe, or
 * standard output. A signal or a fault on the way leaves nothing behind.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

export interface OutputTarget {
  /** What people are told. */
  readonly name: string;
  /** Path of the draft, for who writes it by other means; null for a stream or device. */
  readonly draft: string | null;
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the file appear. */
  commit(): void;
  /** Removes what was written so far; nothing after `commit`. */
  discard(): void;
}

const STDOUT_FD = 1;
const RETRY_MS = 2;

/** The reader of standard output went away: no fault of ours, and nobody to tell. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
}

function unwritable(name: string, error: unknown): CliError {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new CliError(
        'target_unwritable',
        `there is no room for ${name}; free some and try again. Nothing was left behind.`,
        {
          cause: error,
        },
      )
    : new CliError('target_unwritable', `${name} cannot be written: ${plainReason(error)}.`, {
        cause: error,
      });
}

/** Writes all, also to a pipe that does not block. */
async function writeAll(fd: number, bytes: Uint8Array, name: string): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new OutputClosedError('the reader went away', { cause: error });
      if (code !== 'EAGAIN') throw unwritable(name, error);
      await delay(RETRY_MS);
    }
  }
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw unwritable(path, error);
  }
}

function streamTarget(fd: number, name: string): OutputTarget {
  const close = () => {
    if (fd !== STDOUT_FD) closeSync(fd);
  };
  return { name, draft: null, write: (bytes) => writeAll(fd, bytes, name), commit: close, discard: close };
}

function openForWriting(path: string, flags: string, name: string): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    throw unwritable(name, error);
  }
}

/** A rename is durable once its folder is. Not every file system lets a folder be synced. */
function syncFolder(path: string): void {
  try {
    const fd = openSync(path, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {
    // the file itself is synced
  }
}

function fileTarget(path: string): OutputTarget {
  const draft = `${path}.${process.pid}.part`;
  const fd = openForWriting(draft, 'wx', path);
  let open = true;
  const discard = () => {
    if (!open) return;
    open = false;
    closeSync(fd);
    rmSync(draft, { force: true });
    process.off('exit', discard);
  };
  process.on('exit', discard);
  return {
    name: path,
    draft,
    write: (bytes) => writeAll(fd, bytes, path),
    commit() {
      try {
        fsyncSync(fd);
        renameSync(draft, path);
      } catch (error) {
        discard();
        throw unwritable(path, error);
      }
      open = false;
      closeSync(fd);
      process.off('exit', discard);
      syncFolder(dirname(path));
    },
    discard,
  };
}

/** Whether what goes there cannot be taken back: standard output, a device, a pipe. */
export function isStream(path: string): boolean {
  if (path === '-') return true;
  const stat = statOf(path);
  return stat !== null && !stat.isFile() && !stat.isDirectory();
}

/** `-` is standard output. @throws CliError target_exists, target_unwritable */
export function openOutput(path: string, options: { readonly force: boolean }): OutputTarget {
  if (path === '-') return streamTarget(STDOUT_FD, 'standard output');
  const stat = statOf(path);
  if (stat?.isDirectory())
    throw new CliError('target_unwritable', `${path} is a folder; name a file with -o.`);
  if (isStream(path)) return streamTarget(openForWriting(path, 'w', path), path);
  if (stat && !options.force)
    throw new CliError(
      'target_exists',
      `${path} exists; name another file with -o, or replace it with --force.`,
    );
  return fileTarget(path);
}

/** Runs `work` so that a signal discards the draft and ends the program as a signal does. */
export async function withOutput<T>(target: OutputTarget, work: () => Promise<T>): Promise<T> {
  const onSignal = (signal: NodeJS.Signals) => {
    target.discard();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
    process.kill(process.pid, signal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  try {
    const result = await work();
    target.commit();
    return result;
  } catch (error) {
    target.discard();
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
  }
}
