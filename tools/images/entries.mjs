// What a layer holds, as a list of entries: the same for a Debian package, a folder on disk and a tar.
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} Entry
 * @property {string} path relative to the root of the image: no slash at either end
 * @property {'file' | 'directory' | 'symlink' | 'link'} type `link`: a hard link
 * @property {number} mode permission bits, 0 to 0o7777
 * @property {number} uid
 * @property {number} gid
 * @property {Buffer} [data] of a file
 * @property {string} [target] of a symlink: as written; of a link: the path of a file in the same layer
 */

/** @typedef {Pick<Entry, 'type' | 'mode' | 'uid' | 'gid'>} Place what stands at a path */

/** @typedef {{ mode?: number, uid?: number, gid?: number }} Permissions */

/**
 * @param {string} path
 * @param {Buffer | string} data
 * @param {Permissions} [permissions] default: 0644 of root
 * @returns {Entry}
 */
export const file = (path, data, { mode = 0o644, uid = 0, gid = 0 } = {}) => ({
  path: checkPath(path),
  type: 'file',
  mode,
  uid,
  gid,
  data: Buffer.isBuffer(data) ? data : Buffer.from(data),
});

/**
 * @param {string} path
 * @param {Permissions} [permissions] default: 0755 of root
 * @returns {Entry}
 */
export const directory = (path, { mode = 0o755, uid = 0, gid = 0 } = {}) => ({
  path: checkPath(path),
  type: 'directory',
  mode,
  uid,
  gid,
});

/** @type {(path: string, target: string) => Entry} */
export const symlink = (path, target) => ({
  path: checkPath(path),
  type: 'symlink',
  mode: 0o777,
  uid: 0,
  gid: 0,
  target,
});

/**
 * The path of an entry, from a path as tars write it (`./usr/bin/`). Empty for the root itself.
 * @param {string} path
 * @throws {RangeError} where it leaves the root
 */
export function checkPath(path) {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new RangeError(`the path ${path} leaves its root`);
  return parts.join('/');
}

/**
 * By path, parents before children, hard links after all that they may point to; the last of several with one path wins; parents that
 * are missing are added.
 * @param {readonly Entry[]} entries
 * @param {ReadonlyMap<string, Place>} [below] what layers below hold: their directories are repeated as they are, because a layer that
 *   has only what is in one would give it other permissions; default of a parent: 0755, root
 * @returns {Entry[]}
 */
export function sortEntries(entries, below = new Map()) {
  const byPath = new Map(entries.filter(({ path }) => path !== '').map((entry) => [entry.path, entry]));
  for (const path of [...byPath.keys()]) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      if (!byPath.has(parent)) byPath.set(parent, directory(parent, below.get(parent)));
    }
  }
  // Byte order of the parts: what is in a directory follows it at once.
  const key = (/** @type {Entry} */ entry) => entry.path.split('/').join('\0');
  const sorted = [...byPath.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))),
  );
  return [...sorted.filter(({ type }) => type !== 'link'), ...sorted.filter(({ type }) => type === 'link')];
}

/**
 * Everything in a folder, with the modes that it has there; owners are root's.
 * @param {string} folder
 * @param {string} [into] path in the image that the folder becomes
 * @returns {Entry[]}
 */
export function readFolder(folder, into = '') {
  const entries = into === '' ? [] : [directory(into, { mode: lstatSync(folder).mode & 0o7777 })];
  for (const name of readdirSync(folder).sort()) {
    const from = join(folder, name);
    const path = into === '' ? name : `${into}/${name}`;
    const status = lstatSync(from);
    const mode = status.mode & 0o7777;
    if (status.isDirectory()) entries.push(...readFolder(from, path));
    else if (status.isSymbolicLink()) entries.push(symlink(path, readlinkSync(from)));
    else if (status.isFile()) entries.push(file(path, readFileSync(from), { mode }));
    else throw new TypeError(`${from} is no file, directory or symlink; an image cannot hold it`);
  }
  return entries;
}

/**
 * Puts entries into a folder that is emptied before, for a Dockerfile to copy. Modes are as given, whatever the umask.
 * Owners are not kept: say them in the Dockerfile, `COPY --chown=1000:1000`.
 * @param {string} folder
 * @param {readonly Entry[]} entries
 */
export function writeFolder(folder, entries) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const sorted = sortEntries(entries);
  for (const { path, type, mode, data, target } of sorted) {
    const to = join(folder, path);
    if (type === 'directory') mkdirSync(to);
    else if (type === 'symlink') symlinkSync(String(target), to);
    else if (type === 'link') linkSync(join(folder, String(target)), to);
    else writeFileSync(to, data ?? Buffer.alloc(0));
    if (type === 'file') chmodSync(to, mode);
  }
  // Last, children first: a directory without write permission could not be filled.
  for (const { path, type, mode } of sorted.reverse()) {
    if (type === 'directory') chmodSync(join(folder, path), mode);
  }
}
