/**
 * The folder that holds backups: one folder each, of mongodump's layout with a manifest. A backup is written as `.partial-NAME` and
 * gets its name when its manifest is on the disk, so that one that was cut off is never taken for a backup; one that goes away
 * loses its name first. Whatever `.partial-…` or `.gone-…` is found while nobody works here was left by a kill.
 */
import { createHash } from 'node:crypto';
import { constants, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupManifest } from '@lucid/contracts';
import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import { problem } from '../../problem.ts';
import { codeOfFile, inFolder } from './file-errors.ts';

export type Manifest = Static<typeof BackupManifest>;

export interface OpenedBackup {
  readonly path: string;
  readonly manifest: Manifest;
  /** SHA-256 of the manifest's bytes: this very backup. */
  readonly manifestHash: string;
}

export const MANIFEST = 'manifest.json';
const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;
const PARTIAL = '.partial-';
const GONE = '.gone-';
/** Far more than a database has collections. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export class BackupFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Makes it where it is not there yet. @throws ProblemError folder_unusable */
  prepare(): Promise<void> {
    return inFolder(this.root, async () => {
      await mkdir(this.root, { recursive: true, mode: 0o700 });
      if (!(await stat(this.root)).isDirectory())
        throw problem('folder_unusable', { detail: `${this.root} is no folder.` });
    });
  }

  /** Names of what has the shape of a backup, in no order. */
  names(): Promise<readonly string[]> {
    return inFolder(this.root, async () => {
      const entries = await readdir(this.root, { withFileTypes: true });
      const found = entries
        .filter((each) => each.isDirectory() && NAME.test(each.name))
        .map(({ name }) => name);
      return found;
    });
  }

  pathOf(name: string): string {
    return join(this.root, name);
  }

  /** Where a new backup is written. */
  async begin(name: string): Promise<string> {
    const path = join(this.root, PARTIAL + name);
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  /** Writes the manifest, then gives the backup its name; each step is on the disk before the next. */
  async finish(manifest: Manifest): Promise<void> {
    const { name } = manifest;
    const path = join(this.root, PARTIAL + name);
    const aside = join(path, `.${MANIFEST}`);
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, join(path, MANIFEST));
    await syncFolder(path);
    await rename(path, this.pathOf(name));
    await syncFolder(this.root);
  }

  /** Writes the names of a folder's files to the disk. */
  sync(path: string): Promise<void> {
    return syncFolder(path);
  }

  discard(name: string): Promise<void> {
    return rm(join(this.root, PARTIAL + name), { recursive: true, force: true });
  }

  async remove(name: string): Promise<void> {
    const gone = join(this.root, GONE + name);
    await rename(this.pathOf(name), gone);
    await syncFolder(this.root);
    await rm(gone, { recursive: true, force: true });
  }

  /** Names of backups that were being written; only while nobody else works here are they left ones. */
  async leftovers(): Promise<readonly string[]> {
    const entries = await readdir(this.root);
    return entries.filter((name) => name.startsWith(PARTIAL)).map((name) => name.slice(PARTIAL.length));
  }

  async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.root)) {
      if (name.startsWith(PARTIAL) || name.startsWith(GONE))
        await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  /** Whole or not. @throws ProblemError backup_unknown, folder_unusable */
  assertThere(name: string): Promise<void> {
    return inFolder(this.root, async () => {
      const there = NAME.test(name) && (await isFolder(this.pathOf(name)));
      if (!there) throw problem('backup_unknown', { detail: `It is ${JSON.stringify(name)}.` });
    });
  }

  /** @throws ProblemError backup_unknown, backup_unfinished, folder_unusable */
  open(name: string): Promise<OpenedBackup> {
    return inFolder(this.root, async () => {
      await this.assertThere(name);
      const path = this.pathOf(name);
      const bytes = await manifestBytes(path);
      const manifest = bytes && parsed(bytes);
      if (!bytes || !manifest)
        throw problem('backup_unfinished', { detail: `${name} has no ${MANIFEST} that can be read.` });
      return { path, manifest, manifestHash: createHash('sha256').update(bytes).digest('hex') };
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOfFile(error) === 'ENOENT') return false;
    throw error;
  }
}

async function manifestBytes(path: string): Promise<Buffer | null> {
  const file = join(path, MANIFEST);
  try {
    if ((await stat(file)).size > MAX_MANIFEST_BYTES) return null;
    return await readFile(file);
  } catch (error) {
    if (codeOfFile(error) === 'ENOENT') return null;
    throw error;
  }
}

function parsed(bytes: Buffer): Manifest | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!Check(BackupManifest, value)) return null;
  const manifest = value as Manifest;
  return hasOwnPaths(manifest) ? manifest : null;
}

/** Letters, digits, `-`, `_` and dots inside as they are; all else in percent, as mongodump does it. */
const escaped = (name: string): string =>
  encodeURIComponent(name).replace(
    /[!'()*~]|^\./g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Paths within a backup, of mongodump's layout. */
export function pathsOf(database: string, collection: string, encrypted: boolean) {
  const stem = `${escaped(database)}/${escaped(collection)}`;
  const end = encrypted ? '.gz.age' : '.gz';
  return { data: `${stem}.bson${end}`, metadata: `${stem}.metadata.json${end}` };
}

/** A manifest names the files that follow from its collections and no others: it leads nowhere else. */
const hasOwnPaths = ({ database, encryption, collections }: Manifest): boolean =>
  collections.every(({ name, data, metadata }) => {
    const paths = pathsOf(database, name, encryption !== undefined);
    return data.path === paths.data && metadata.path === paths.metadata;
  });
