/** Which backups are kept: so many of the newest, none older than so many days, and always the last good one: sound, and not of nothing. */
import type { BackupFolder } from './backup-folder.ts';
import type { JobRun } from './dump.ts';
import { inFolder } from './file-errors.ts';
import { type FinishedBackup, listBackups } from './list-backups.ts';
import { verify } from './verify.ts';

const DAY_MS = 86_400_000;

export interface Retention {
  readonly keep: number;
  /** Absent: of any age. */
  readonly days?: number | undefined;
}

export interface PruneDependencies {
  readonly folder: BackupFolder;
  readonly nowMs: () => number;
}

export interface Pruned {
  readonly kept: string[];
  readonly removed: string[];
  readonly lastGood?: string;
}

/** Backups that the rules keep and those they do not, newest first. */
export function judgeRetention(
  backups: readonly FinishedBackup[],
  { keep, days }: Retention,
  nowMs: number,
): { readonly kept: readonly FinishedBackup[]; readonly leaving: readonly FinishedBackup[] } {
  const oldestMs = days === undefined ? Number.NEGATIVE_INFINITY : nowMs - days * DAY_MS;
  const stays = ({ startedAt }: FinishedBackup, at: number) => at < keep && Date.parse(startedAt) >= oldestMs;
  return {
    kept: backups.filter(stays),
    leaving: backups.filter((each, at) => !stays(each, at)),
  };
}

/** Files are judged by their hashes: no identity is needed. */
export async function prune(
  { folder, nowMs }: PruneDependencies,
  retention: Retention,
  run: JobRun,
): Promise<Pruned> {
  return inFolder(folder.root, async () => {
    const { finished, unfinished } = await listBackups(folder);
    const { kept, leaving } = judgeRetention(finished, retention, nowMs());
    const rescued = leaving.length > 0 ? await lastGoodAmong(folder, { kept, leaving }, run) : undefined;
    run.meter.begin('removes', 0);
    const removed: string[] = [];
    const gone = [...leaving.map(({ name }) => name), ...unfinished].filter((name) => name !== rescued);
    for (const name of gone) {
      run.signal.throwIfAborted();
      await folder.remove(name);
      removed.push(name);
    }
    const names = kept.map(({ name }) => name);
    return rescued === undefined
      ? { kept: names, removed }
      : { kept: [...names, rescued], removed, lastGood: rescued };
  });
}

/**
 * One that is to leave, where none that stays is good; the newest of those that are. Backups of a database that had lost everything
 * are sound, and worth nothing: where any has documents, one without is not good.
 */
async function lastGoodAmong(
  folder: BackupFolder,
  { kept, leaving }: ReturnType<typeof judgeRetention>,
  run: JobRun,
): Promise<string | undefined> {
  const hasDocuments = ({ manifest }: FinishedBackup) => manifest.totals.documents > 0;
  const full = [...kept, ...leaving].some(hasDocuments);
  const isWorthIt = (each: FinishedBackup) => hasDocuments(each) || !full;
  for (const each of kept) if (isWorthIt(each) && (await isSound(folder, each.name, run))) return undefined;
  for (const each of leaving)
    if (isWorthIt(each) && (await isSound(folder, each.name, run))) return each.name;
  return undefined;
}

/** One whose files cannot even be read is not. */
async function isSound(folder: BackupFolder, name: string, run: JobRun): Promise<boolean> {
  try {
    return (await verify({ folder }, name, run)).ok;
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof Error) return false;
    throw error;
  }
}
