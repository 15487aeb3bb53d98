/** For tests: our own copies beside this file, and the full sets in ../shared/vectors beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = join(__dirname, '../../shared/vectors');

/** The text of a file of this folder. */
export const ownVector = (path: string): string => readFileSync(join(__dirname, path), 'utf8');

export const ownVectorNames = (folder: string): string[] => readdirSync(join(__dirname, folder)).sort();

/** The text of a file of the full sets; null, loudly, where they are not here. In CI their absence is a failure. */
export function sharedVector(path: string): string | null {
  const file = join(SHARED, path);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  if (process.env.CI !== undefined) throw new Error(`shared vectors are missing: ${path}`);
  console.warn(`skipped: ../shared/vectors/${path} is not here; only the copy in vectors/ was tested`);
  return null;
}
