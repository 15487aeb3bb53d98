/** What lies in the backup folder. */
import type { BackupSummary } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { BackupFolder, Manifest } from './backup-folder.ts';

export type Summary = Static<typeof BackupSummary>;

export interface FinishedBackup {
  readonly name: string;
  readonly startedAt: string;
  readonly manifest: Manifest;
}

export interface BackupList {
  /** Newest first. */
  readonly finished: readonly FinishedBackup[];
  /** Folders without a manifest that can be read; those still being written are not among them. */
  readonly unfinished: readonly string[];
}

/** @throws ProblemError folder_unusable */
export async function listBackups(folder: BackupFolder): Promise<BackupList> {
  const finished: FinishedBackup[] = [];
  const unfinished: string[] = [];
  for (const name of await folder.names()) {
    try {
      const { manifest } = await folder.open(name);
      finished.push({ name, startedAt: manifest.startedAt, manifest });
    } catch (error) {
      if (isProblem(error, 'backup_unfinished')) unfinished.push(name);
      else if (!isProblem(error, 'backup_unknown')) throw error;
    }
  }
  const byTime = (a: FinishedBackup, b: FinishedBackup) =>
    Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.name < b.name ? 1 : -1);
  return { finished: finished.sort(byTime), unfinished: unfinished.sort() };
}

export const summaryOf = (name: string, manifest: Manifest): Summary => ({
  name,
  state: 'finished',
  startedAt: manifest.startedAt,
  endedAt: manifest.endedAt,
  server: manifest.server,
  collections: manifest.totals.collections,
  documents: manifest.totals.documents,
  storedBytes: manifest.totals.storedBytes,
  encrypted: manifest.encryption !== undefined,
});
