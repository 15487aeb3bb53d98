// The images that all others stand on: a distroless base, pulled by digest or assembled here, and our thin layer upon it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLock } from './base-lock.mjs';
import { assembleDistroless, baseGroups, GROUPS, group, passwd, USERS } from './distroless.mjs';
import { ImageError, root } from './download.mjs';
import { directory, file, writeFolder } from './entries.mjs';
import { buildHealthChecker } from './health-checker.mjs';
import { assembleImage } from './image.mjs';
import { cachedImage } from './image-cache.mjs';
import { originOf } from './origin.mjs';

/** @import { Variant } from './distroless.mjs' */
/** @import { Arch, Image } from './image.mjs' */
/** @import { Origin } from './origin.mjs' */

/** Where images of this project are named. */
export const registry = process.env.LUCID_REGISTRY || 'pickme/lucid';

/** @typedef {'base' | 'base-slim' | 'base-program'} BaseName */

/** @type {Record<BaseName, Variant>} */
const VARIANTS = { base: 'node', 'base-slim': 'slim', 'base-program': 'program' };

export const baseNames = /** @type {BaseName[]} */ (Object.keys(VARIANTS));

/** What services stand on: the base, and upon it what several of them have (`shared.mjs`). */
export const sharedName = 'base-services';

/** @typedef {BaseName | typeof sharedName} LowerName what an image stands on */

/** What FROM names. @type {(name: LowerName) => string} */
export const baseReference = (name) => `${registry}:${name}`;

/** The base of services: the standard one, or the slim one by LUCID_BASE=slim. @returns {BaseName} */
export function serviceBase() {
  const choice = process.env.LUCID_BASE || 'standard';
  if (choice === 'slim') return 'base-slim';
  if (choice === 'standard') return 'base';
  throw new ImageError(`LUCID_BASE is ${choice}; it is standard or slim`);
}

/**
 * The image that a Dockerfile's FROM names: one of ours, whether the daemon has it or not.
 * @param {string} reference
 * @param {Arch} arch
 * @returns {Promise<Image>}
 */
export async function baseOf(reference, arch) {
  const name = baseNames.find((each) => reference === baseReference(each));
  if (!name)
    throw new ImageError(`FROM ${reference}: images stand on ${baseNames.map(baseReference).join(', ')}`);
  return buildBase(name, arch);
}

/** @type {(name: BaseName, arch: Arch) => Promise<Image>} */
export async function buildBase(name, arch) {
  const variant = VARIANTS[name];
  const origin = await originOf(variant, arch);
  const checker = readFileSync(buildHealthChecker(arch));
  const key = createHash('sha256')
    .update(ingredients(variant, arch, origin))
    .update(checker);
  return cachedImage(key.digest('hex'), () => assembleBase(variant, arch, origin, checker));
}

/** @type {(variant: Variant, arch: Arch, origin: Origin, checker: Buffer) => Promise<Image>} */
function assembleBase(variant, arch, origin, checker) {
  writeFolder(join(root, `dist/images/base-${arch}`), [
    file('rootfs/etc/passwd', passwd({ ...USERS, lucid: [1000, '/home/lucid'] })),
    file('rootfs/etc/group', group({ ...GROUPS, lucid: 1000 })),
    file('rootfs/usr/bin/lucid-health', checker, { mode: 0o755 }),
    directory('home', { mode: 0o700 }),
  ]);
  return assembleImage({
    dockerfile: 'docker/base.Dockerfile',
    arch,
    args: { BASE_IMAGE: origin.reference, BASE_ORIGIN: origin.label },
    baseOf: async () => origin.pulled ?? assembleDistroless(variant, arch),
  });
}

/** Modules that decide what a base holds. */
const SOURCES = ['base', 'deb', 'distroless', 'dockerfile', 'entries', 'image', 'tar'];

/** All that a base is made of, but for the checker. @type {(variant: Variant, arch: Arch, origin: Origin) => string} */
function ingredients(variant, arch, origin) {
  const { release, node, [arch]: locked } = readLock();
  const names = baseGroups.flatMap((each) => locked.groups[each] ?? []);
  const packages = names.map((name) => locked.debs[name]);
  const paths = ['docker/base.Dockerfile', ...SOURCES.map((name) => `tools/images/${name}.mjs`)];
  const sources = paths.map((path) => readFileSync(join(root, path), 'utf8'));
  return JSON.stringify([
    variant,
    arch,
    origin.label,
    origin.pulled?.digest,
    release,
    node,
    locked.node,
    packages,
    sources,
  ]);
}
