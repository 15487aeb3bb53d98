// tools/images/base.lock.json: which files images are made of, by hash. `refresh-lock.mjs` writes it out of packages.json and programs.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeb } from './deb.mjs';
import { fetchByHash, ImageError, root, sha256Hex } from './download.mjs';

/** @import { Deb } from './deb.mjs' */
/** @import { Arch } from './image.mjs' */

/** @typedef {{ version: string, url: string, sha256: string }} LockedDeb */

/**
 * @typedef {object} ArchLock
 * @property {{ url: string, integrity: string }} node npm's package of the official binary
 * @property {Record<string, string[]>} groups names of packages: those of packages.json; of a program those that its image takes files from
 * @property {Record<string, LockedDeb>} debs by name
 */

/**
 * @typedef {object} Lock
 * @property {string} release Debian's, as `bookworm`
 * @property {string} node version
 * @property {string} upstream the base that is pulled where its registry answers, by digest
 * @property {ArchLock} amd64
 * @property {ArchLock} arm64
 */

export const REFRESH = 'node tools/images/refresh-lock.mjs';

export const lockPath = join(root, 'tools/images/base.lock.json');

/** @type {() => Lock} */
export const readLock = () => JSON.parse(readFileSync(lockPath, 'utf8'));

/**
 * The packages of a group, each judged by its hash.
 * @param {Arch} arch
 * @param {string} group `static`, `redis`, …
 * @returns {Promise<Deb[]>}
 */
export async function lockedGroup(arch, group, lock = readLock()) {
  const names = lock[arch].groups[group];
  if (!names) throw new ImageError(`base.lock.json has no group ${group}; run: ${REFRESH}`);
  return lockedDebs(arch, names, lock);
}

/**
 * @param {Arch} arch
 * @param {readonly string[]} names
 * @returns {Promise<Deb[]>}
 * @throws {ImageError} where a package is not in the lock, is gone from the mirror, or has other bytes
 */
export async function lockedDebs(arch, names, lock = readLock()) {
  return Promise.all(
    names.map(async (name) => {
      const locked = lock[arch].debs[name];
      if (!locked) throw new ImageError(`base.lock.json has no ${name} for ${arch}; run: ${REFRESH}`);
      const bytes = await fetchByHash({ url: locked.url, hash: sha256Hex(locked.sha256), remedy: REFRESH });
      return readDeb(bytes);
    }),
  );
}
