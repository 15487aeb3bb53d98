// Which images there are, what each is called, and how each is built.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTopology } from '../topology/load.mjs';
import { baseNames, buildBase, registry, serviceBase, sharedName } from './base.mjs';
import { appExists, appOf } from './bundles.mjs';
import { ImageError, root } from './download.mjs';
import { buildProgram } from './programs.mjs';
import { buildService } from './service.mjs';
import { buildShared } from './shared.mjs';

/** @import { Service } from '../../libs/topology/src/service.ts' */
/** @import { LowerName } from './base.mjs' */
/** @import { Arch, Image } from './image.mjs' */

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @type {Record<string, Service>} */
const services = (await loadTopology()).services;

const existing = Object.keys(services).filter(
  (name) =>
    services[name]?.image?.kind !== 'node' || appExists(appOf(name, /** @type {Service} */ (services[name]))),
);

/** Images that others stand on, by name. @type {readonly string[]} */
const lowerNames = [...baseNames, sharedName];

/** @type {(kind: string) => string[]} */
const ofKind = (kind) => existing.filter((name) => services[name]?.image?.kind === kind);

/** Names that stand for several. The one with a shell is not among them: it is for development. */
const groups = {
  base: () => [serviceBase(), sharedName, 'base-program'],
  services: () => ofKind('node'),
  programs: () => ofKind('program'),
};

/**
 * Images by name; groups are taken apart.
 * @param {readonly string[]} names none: all groups
 * @returns {string[]}
 * @throws {ImageError} naming what there is
 */
export function chooseImages(names) {
  const wanted = names.length > 0 ? names : Object.keys(groups);
  const list = wanted.flatMap((name) => {
    if (Object.hasOwn(groups, name)) return groups[/** @type {keyof typeof groups} */ (name)]();
    if (existing.includes(name) || lowerNames.includes(name)) return [name];
    const known = [...Object.keys(groups), ...lowerNames.slice(1), ...existing];
    throw new ImageError(`there is no image ${name}; there are ${known.join(', ')}`);
  });
  return [...new Set(list)];
}

/** `pickme/lucid:<name>` and `…:<name>-<version>`, with a suffix each. @type {(name: string, suffix?: string) => [string, string]} */
export const tagsOf = (name, suffix = '') => [
  `${registry}:${name}${suffix}`,
  `${registry}:${name}-${version}${suffix}`,
];

/**
 * @typedef {object} Built
 * @property {Image} image
 * @property {LowerName} [lower] what it stands on, where that is one of ours
 * @property {string} [note] for whoever builds it
 */

/**
 * @param {string} name one of `chooseImages`
 * @param {Arch} arch
 * @returns {Promise<Built>}
 */
export async function buildImage(name, arch) {
  const asBase = baseNames.find((each) => each === name);
  if (asBase) return { image: await buildBase(asBase, arch) };
  if (name === sharedName) return { image: await buildShared(arch), lower: serviceBase() };
  const row = /** @type {Service} */ (services[name]);
  const { image, base, note } =
    row.image?.kind === 'node' ? await buildService(name, row, arch) : await buildProgram(name, arch);
  return { image, note, ...(base ? { lower: base } : {}) };
}

/**
 * What an image stands on, lowest first.
 * @type {(built: Built, arch: Arch) => Promise<{ name: LowerName, built: Built }[]>}
 */
export async function lowerImages({ lower }, arch) {
  if (!lower) return [];
  const built = await buildImage(lower, arch);
  return [...(await lowerImages(built, arch)), { name: lower, built }];
}

/** Bytes of the layers that an image adds to what it stands on. @type {(image: Image, lower: Image | undefined) => number} */
export const ownBytes = (image, lower) =>
  image.layers
    .filter(({ diffId }, index) => lower?.layers[index]?.diffId !== diffId)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
