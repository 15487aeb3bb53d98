// Images of programs that others wrote, out of Debian's packages (programs.json) or, for `mongodb`, of the official image or its stand-in.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { baseOf, baseReference, serviceBase } from './base.mjs';
import { lockedGroup } from './base-lock.mjs';
import { fetchByHash, ImageError, root } from './download.mjs';
import { directory, file, readFolder, symlink, writeFolder } from './entries.mjs';
import { buildGoProgram } from './go-program.mjs';
import { assembleImage } from './image.mjs';
import { buildMongodb } from './mongodb.mjs';
import { programFiles } from './program-files.mjs';
import { readTar } from './tar.mjs';

/** @import { BaseName } from './base.mjs' */
/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Image } from './image.mjs' */

/**
 * @typedef {object} Program one of programs.json
 * @property {Record<string, string[]>} take see `programFiles`
 * @property {string[]} [omit]
 * @property {Record<string, string>} [links] target by path
 * @property {Record<string, string>} volumes mode by path, user 1000's own
 * @property {Record<string, Omit<import('./go-program.mjs').GoProgram, 'name' | 'arch'>>} [go] programs built here, by path; their
 *   folders are those of this repository
 * @property {{ version: string, url: string, integrity: string }} [npm]
 * @property {'node'} [base] stands on Node's base; default: the one without Node
 */

/** @typedef {{ image: Image, base?: BaseName, note?: string }} Built `base`: of ours, that it stands on; `note`: what a user must know */

/** @type {() => Record<string, Program>} */
export const readPrograms = () => JSON.parse(readFileSync(join(root, 'tools/images/programs.json'), 'utf8'));

/**
 * Stages a program's files under dist/images/ and assembles its image.
 * @param {string} name of a service whose image is of kind `program` or `development`
 * @param {Arch} arch
 * @returns {Promise<Built>}
 * @throws {ImageError} where there is no such program, or something that it is made of is not to be had
 */
export async function buildProgram(name, arch) {
  if (name === 'mongodb') return buildMongodb(arch);
  const program = readPrograms()[name];
  const dockerfile = `docker/${name}.Dockerfile`;
  if (!program || !existsSync(join(root, dockerfile)))
    throw new ImageError(
      `there is no image of ${name}: it needs ${dockerfile} and its files in tools/images/programs.json`,
    );
  const base = program.base === 'node' ? serviceBase() : 'base-program';
  const below = await baseOf(baseReference(base), arch);
  const debs = await lockedGroup(arch, name);
  const { entries } = programFiles({ name, ...program }, debs, arch, below.tree);
  stage(name, arch, program.volumes, [
    ...entries,
    ...Object.entries(program.links ?? {}).map(([path, target]) => symlink(path, target)),
    ...Object.entries(program.go ?? {}).map(([path, source]) => goEntry(path, source, arch)),
    ...(program.npm ? await npmEntries(program.npm) : []),
    ...ownFiles(name),
  ]);
  const [from = ''] = Object.keys(program.take);
  const upstream = debs.find((deb) => deb.name === from);
  const image = await assembleImage({
    dockerfile,
    arch,
    args: { BASE: baseReference(base), ...programArguments(`Debian ${from} ${upstream?.version}`) },
    baseOf,
  });
  return { image, base };
}

/** Arguments of every program's Dockerfile besides BASE. @type {(upstream: string) => Record<string, string>} */
export function programArguments(upstream) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { VERSION: version, UPSTREAM: upstream };
}

/** @type {(name: string, arch: Arch, volumes: Record<string, string>, entries: readonly Entry[]) => void} */
export function stage(name, arch, volumes, entries) {
  writeFolder(join(root, `dist/images/${name}-${arch}`), [
    directory('rootfs'),
    ...entries.map((each) => ({ ...each, path: `rootfs/${each.path}` })),
    directory('volumes'),
    ...Object.entries(volumes).map(([path, mode]) =>
      directory(`volumes/${path}`, { mode: Number.parseInt(mode, 8) }),
    ),
  ]);
}

/** Configuration and scripts of this repository; modes do not depend on how it was checked out. @type {(name: string) => Entry[]} */
function ownFiles(name) {
  const folder = join(root, 'docker', name, 'rootfs');
  if (!existsSync(folder)) return [];
  return readFolder(folder).map((each) => ({
    ...each,
    mode: each.type === 'directory' || each.data?.subarray(0, 2).equals(Buffer.from('#!')) ? 0o755 : 0o644,
  }));
}

/** @type {(path: string, source: NonNullable<Program['go']>[string], arch: Arch) => Entry} */
function goEntry(path, source, arch) {
  const folder = join(root, source.folder);
  return file(path, readFileSync(buildGoProgram({ ...source, folder, name: basename(path), arch })), {
    mode: 0o755,
  });
}

/** Documents, types, and what builds addons with a compiler that is not there. */
const NPM_OMITS = /^package\/(docs|man|node_modules\/node-gyp\/gyp)\/|\.(md|map|html|py|[cm]?ts)$/;

/** @type {(npm: NonNullable<Program['npm']>) => Promise<Entry[]>} */
async function npmEntries({ url, integrity }) {
  const remedy = 'name another version of npm in tools/images/programs.json';
  const tar = await promisify(gunzip)(await fetchByHash({ url, hash: integrity, remedy }));
  return (await readTar(tar))
    .filter(({ path, type }) => type === 'file' && !NPM_OMITS.test(path))
    .map(({ path, data, mode }) =>
      file(path.replace(/^package/, 'usr/local/lib/node_modules/npm'), data ?? Buffer.alloc(0), {
        mode: mode & 0o111 || /^package\/bin\/np[mx]-cli\.js$/.test(path) ? 0o755 : 0o644,
      }),
    );
}
