// Tars, read into entries and written from them. What is written depends on the entries alone: sorted by path, times 0, no names of
// users.
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { checkPath, sortEntries } from './entries.mjs';

/** @import { Entry, Place } from './entries.mjs' */

/** @type {Record<string, Entry['type']>} */
const TYPES = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'link',
};

/**
 * @param {Buffer} tar not compressed
 * @returns {Promise<Entry[]>} in the order of the tar, without the root itself
 * @throws {TypeError} where it holds a device, a pipe or a socket
 */
export async function readTar(tar) {
  const stream = extract();
  /** @type {Entry[]} */
  const entries = [];
  stream.end(tar);
  for await (const item of stream) {
    const { name, type, mode = 0, uid = 0, gid = 0, linkname } = item.header;
    const kind = TYPES[type ?? 'file'];
    if (!kind) throw new TypeError(`${name} is a ${type}; an image cannot hold it`);
    const data = await buffer(item);
    const path = checkPath(name);
    if (path === '') continue;
    entries.push({
      path,
      type: kind,
      mode: mode & 0o7777,
      uid,
      gid,
      ...(kind === 'file' ? { data } : {}),
      ...(kind === 'symlink' ? { target: linkname ?? '' } : {}),
      ...(kind === 'link' ? { target: checkPath(linkname ?? '') } : {}),
    });
  }
  return entries;
}

/**
 * @param {readonly Entry[]} entries in any order
 * @param {ReadonlyMap<string, Place>} [below] what layers below hold, see `sortEntries`
 * @returns {Promise<Buffer>}
 */
export async function writeTar(entries, below) {
  const stream = pack();
  const written = buffer(stream);
  for (const entry of sortEntries(entries, below)) {
    const { path, type, mode, uid, gid, data = Buffer.alloc(0), target } = entry;
    const header = { name: path, type, mode, uid, gid, mtime: new Date(0), uname: '', gname: '' };
    if (type === 'file') {
      const sink = stream.entry({ ...header, size: data.length });
      sink.end(data);
      await once(sink, 'finish');
    } else {
      stream.entry({ ...header, size: 0, ...(target === undefined ? {} : { linkname: target }) });
    }
  }
  stream.finalize();
  return written;
}
