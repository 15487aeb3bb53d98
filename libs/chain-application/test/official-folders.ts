/** Folders of the official suites, which the repository does not hold: their tests run where somebody names the folder. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';

/** The folder that the variable names, or null with a loud word why not. */
export function officialFolder(variable: string, holds: string): string | null {
  const folder = process.env[variable];
  if (folder !== undefined && existsSync(join(folder, holds))) return folder;
  const why = folder === undefined ? `${variable} is not set` : `${folder} has no ${holds}`;
  process.stderr.write(`skipped: official suite: ${why}\n`);
  return null;
}

export const describeIn = (folder: string | null): typeof describe | typeof describe.skip =>
  folder === null ? describe.skip : describe;

export function* jsonFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* jsonFiles(path);
    else if (entry.name.endsWith('.json')) yield path;
  }
}
