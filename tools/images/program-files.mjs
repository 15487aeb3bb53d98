// Which files of Debian's packages an image of a program takes: the program, the libraries that it and they need, and for each package
// that gave something its copyright and its entry in the list that scanners read. Nothing is run and no script of a package is kept.
import { posix } from 'node:path';
import { packageEntries } from './distroless.mjs';
import { ImageError } from './download.mjs';
import { isElf, readElf } from './elf.mjs';

/** @import { Deb } from './deb.mjs' */
/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Place } from './image.mjs' */

/** @type {Record<Arch, string>} */
const TRIPLETS = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** More than any chain of Debian's symlinks. */
const LINKS = 8;

/** @typedef {{ deb: Deb, entry: Entry }} Held */

/**
 * @typedef {object} Wanted
 * @property {string} name for complaints
 * @property {Record<string, string[]>} take paths by package; one that ends in a slash takes all that is below it, any other one file,
 *   whatever links lead to it
 * @property {string[]} [omit] patterns (regular expressions) of paths that are left out below a folder
 */

/**
 * @param {Wanted} wanted
 * @param {readonly Deb[]} debs all that the program depends on, or at least those that have what it needs
 * @param {Arch} arch
 * @param {ReadonlyMap<string, Place>} [below] what the base has
 * @returns {{ entries: Entry[], packages: string[] }} `packages`: names of those that gave a file
 * @throws {ImageError} where a path or a library is in none of the packages
 */
export function programFiles(wanted, debs, arch, below = new Map()) {
  const held = new Map(debs.flatMap((deb) => deb.entries.map((entry) => [entry.path, { deb, entry }])));
  const taken = takenFiles(wanted, held);
  for (const { entry } of [...taken.values()])
    addLibraries(entry, { name: wanted.name, held, taken, triplet: TRIPLETS[arch], below });
  // A package that is only a link to another's file is installed too.
  const named = debs.filter(({ name }) => wanted.take[name]);
  const givers = new Set([...named, ...[...taken.values()].map(({ deb }) => deb)]);
  return {
    entries: [
      ...[...taken].map(([path, { entry }]) => ({ ...entry, path })),
      ...[...givers].flatMap((deb) => papersOf(deb, debs)),
    ],
    packages: [...givers].map((deb) => deb.name).sort(),
  };
}

/** @type {(wanted: Wanted, held: ReadonlyMap<string, Held>) => Map<string, Held>} */
function takenFiles({ name, take, omit = [] }, held) {
  const left = omit.map((each) => new RegExp(each));
  /** @type {Map<string, Held>} */
  const taken = new Map();
  for (const [from, paths] of Object.entries(take)) {
    for (const path of paths) {
      const one = followLinks(path, held);
      const found = path.endsWith('/')
        ? [...held].filter(
            ([each, { deb }]) =>
              each.startsWith(path) && deb.name === from && !left.some((pattern) => pattern.test(each)),
          )
        : one && [/** @type {const} */ ([path, one])];
      if (!found || found.length === 0) throw new ImageError(`${name}: the package ${from} has no /${path}`);
      for (const [each, at] of found) taken.set(each, at);
    }
  }
  return taken;
}

/** @type {(path: string, held: ReadonlyMap<string, Held>) => Held | null} */
function followLinks(path, held) {
  let at = path;
  for (let link = 0; link < LINKS; link++) {
    const found = held.get(at);
    const target = found?.entry.target;
    if (!found || target === undefined) return found ?? null;
    if (found.entry.type === 'link') at = target;
    else
      at = posix.normalize(target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(at), target));
  }
  return null;
}

/**
 * @typedef {object} Closure
 * @property {string} name
 * @property {ReadonlyMap<string, Held>} held
 * @property {Map<string, Held>} taken grows
 * @property {string} triplet
 * @property {ReadonlyMap<string, Place>} below
 */

/** @type {(entry: Entry, closure: Closure) => void} */
function addLibraries({ path, data }, closure) {
  if (!data || !isElf(data)) return;
  const { name, held, taken, triplet, below } = closure;
  for (const soname of readElf(data).needed) {
    const places = ['lib', 'usr/lib'].flatMap((folder) => [
      `${folder}/${triplet}/${soname}`,
      `${folder}/${soname}`,
    ]);
    if (places.some((place) => below.has(place) || taken.has(place))) continue;
    const place = places.find((each) => held.has(each));
    const library = place && followLinks(place, held);
    if (!library) throw new ImageError(`${name}: /${path} needs ${soname}, which no package of its list has`);
    taken.set(place, library);
    addLibraries(library.entry, closure);
  }
}

/** The copyright may lie in another package that it names by a link. @type {(deb: Deb, debs: readonly Deb[]) => Entry[]} */
function papersOf(deb, debs) {
  const folder = `usr/share/doc/${deb.name}`;
  const control = packageEntries({ ...deb, entries: [] });
  const link = deb.entries.find(({ path, type }) => path === folder && type === 'symlink');
  const owner = link ? debs.find(({ name }) => name === link.target) : deb;
  const copyright = owner?.entries.find(({ path }) => path === `usr/share/doc/${owner.name}/copyright`);
  return [...control, ...(copyright ? [{ ...copyright, path: `${folder}/copyright` }] : [])];
}
