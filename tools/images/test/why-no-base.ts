import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoGo } from '../../go.mjs';
import { readLock } from '../base-lock.mjs';
import { hostArch } from '../daemon.mjs';
import { cacheFolder } from '../download.mjs';

/** Why no base can be made without a download of 50 MB, or null. */
export function whyNoBase(): string | null {
  if (process.env.CI || process.env.LUCID_TEST_ALL) return null;
  const { node } = readLock()[hostArch()];
  const kept = join(cacheFolder, 'downloads', node.integrity.replaceAll('/', '_'));
  const home = join(cacheFolder, 'go');
  return existsSync(kept) && existsSync(home)
    ? null
    : (whyNoGo() ?? 'a base is made of 50 MB of downloads; LUCID_TEST_ALL=1 allows that');
}
