// Debian packages: an `ar` archive of debian-binary, control.tar.* and data.tar.* (deb(5)). Scripts in them are never run.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { readTar } from './tar.mjs';

/** @type {typeof import('xz-decompress')} */
const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress');

/** @import { Entry } from './entries.mjs' */

/**
 * @typedef {object} Deb
 * @property {string} name
 * @property {string} version
 * @property {string} controlText the `control` file as it is
 * @property {string} md5sums the `md5sums` file, empty where there is none
 * @property {Entry[]} entries what it would install
 */

/**
 * @param {Buffer} bytes of the whole .deb
 * @returns {Promise<Deb>}
 * @throws {TypeError} where the bytes are no Debian package, in one sentence
 */
export async function readDeb(bytes) {
  const members = readAr(bytes);
  const control = await readTar(await member(members, 'control.tar'));
  const text = (/** @type {string} */ path) =>
    control.find((entry) => entry.path === path)?.data?.toString('utf8') ?? '';
  const controlText = text('control');
  return {
    name: field(controlText, 'Package'),
    version: field(controlText, 'Version'),
    controlText,
    md5sums: text('md5sums'),
    entries: await readTar(await member(members, 'data.tar')),
  };
}

/** @type {(controlText: string, name: string) => string} */
function field(controlText, name) {
  const line = controlText.split('\n').find((each) => each.startsWith(`${name}: `));
  if (!line) throw new TypeError(`a Debian package without ${name} in its control file`);
  return line.slice(name.length + 2).trim();
}

/**
 * Members of an `ar` archive by name: each has a header of 60 bytes and is padded to an even length.
 * @param {Buffer} bytes
 * @returns {Map<string, Buffer>}
 */
function readAr(bytes) {
  if (bytes.subarray(0, 8).toString('latin1') !== '!<arch>\n')
    throw new TypeError('not a Debian package: it does not begin as an ar archive');
  const members = new Map();
  for (let at = 8; at < bytes.length; ) {
    const header = bytes.subarray(at, at + 60).toString('latin1');
    const sizeBytes = Number(header.slice(48, 58));
    const begin = at + 60;
    if (header.length < 60 || !Number.isInteger(sizeBytes) || begin + sizeBytes > bytes.length)
      throw new TypeError('not a whole Debian package: its ar archive is cut off');
    members.set(header.slice(0, 16).trim().replace(/\/$/, ''), bytes.subarray(begin, begin + sizeBytes));
    at = begin + sizeBytes + (sizeBytes % 2);
  }
  return members;
}

/** @type {(members: Map<string, Buffer>, stem: string) => Promise<Buffer>} */
async function member(members, stem) {
  const [name, bytes] = [...members].find(([each]) => each === stem || each.startsWith(`${stem}.`)) ?? [];
  if (!name || !bytes) throw new TypeError(`not a Debian package: it has no ${stem}`);
  if (name === stem) return bytes;
  if (name.endsWith('.gz')) return gunzipSync(bytes);
  if (name.endsWith('.xz')) return unxz(bytes);
  throw new TypeError(`${name}: of Debian's compressions only xz, gzip and none are read`);
}

/** @type {(bytes: Buffer) => Promise<Buffer>} */
const unxz = (bytes) =>
  buffer(Readable.fromWeb(new XzReadableStream(Readable.toWeb(Readable.from([bytes])))));
