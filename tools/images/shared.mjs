// What all services stand on: the base with Node, and upon it one layer of the code that several of them have.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { licenceTexts } from '../licences.mjs';
import { packagesIn } from '../sbom.mjs';
import { baseOf, baseReference, serviceBase } from './base.mjs';
import { bundles } from './bundles.mjs';
import { root } from './download.mjs';
import { directory, file, readFolder, writeFolder } from './entries.mjs';
import { assembleImage } from './image.mjs';
import { writeTar } from './tar.mjs';

/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Image } from './image.mjs' */

/** Files of `/app` that all services have; the same for every architecture. @returns {Promise<Entry[]>} */
export async function sharedFiles() {
  const { shared } = await bundles();
  return [...shared.code, file('licences-shared.txt', licenceTexts(packagesIn(shared.outputs, [])))];
}

/** @type {(folder: string, entries: readonly Entry[]) => Promise<boolean>} */
const isStaged = async (folder, entries) =>
  existsSync(folder) && (await writeTar(entries)).equals(await writeTar(readFolder(folder)));

/**
 * Stages the shared files under dist/images/ and assembles the image that services stand on.
 * @type {(arch: Arch) => Promise<Image>}
 */
export async function buildShared(arch) {
  const files = await sharedFiles();
  const entries = [directory('app'), ...files.map((each) => ({ ...each, path: `app/${each.path}` }))];
  const staged = join(root, 'dist/images/base-services');
  // Another build may be reading it.
  if (!(await isStaged(staged, entries))) writeFolder(staged, entries);
  return assembleImage({
    dockerfile: 'docker/base-services.Dockerfile',
    arch,
    args: { BASE: baseReference(serviceBase()) },
    baseOf,
  });
}
