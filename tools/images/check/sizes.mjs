// Sizes of images against what they may be. An image's own layer is what it adds to what it stands on: a base of ours, or that with what
// services share; a layer is on a disk once for each chain of layers below it. Sizes are those of layers' tars.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ImageError, keep } from '../download.mjs';

/** @import { Service } from '../../../libs/topology/src/service.ts' */
/** @import { LayerFacts } from './archive.mjs' */
/** @import { Fault } from './files.mjs' */

const MB = 1e6;

/** All images of the project on one disk, without what others made (mongo:7). */
export const TOTAL_MB = 300;

/** @typedef {{ ownMb?: number, wholeMb?: number }} Budget */

/** @type {Record<'node' | 'native' | 'program' | 'development', Budget>} */
export const BUDGETS = {
  node: { ownMb: 3 },
  native: { ownMb: 15 },
  program: { wholeMb: 35 },
  development: { ownMb: 100 },
};

/** @type {(row: Service | undefined) => Budget} */
export function budgetOf(row) {
  const image = row?.image;
  if (image?.kind === 'node') return image.native ? BUDGETS.native : BUDGETS.node;
  return BUDGETS[image?.kind ?? 'node'];
}

/**
 * @typedef {object} Sizes bytes
 * @property {number} own
 * @property {number} whole
 * @property {number} [ownPacked] by gzip, as a registry keeps it
 * @property {number} [wholePacked]
 */

/** @type {(layers: readonly LayerFacts[], lowerCount: number) => Sizes} */
export const sizesOf = (layers, lowerCount) => ({
  own: sum(layers.slice(lowerCount).map(({ sizeBytes }) => sizeBytes)),
  whole: sum(layers.map(({ sizeBytes }) => sizeBytes)),
});

/** @type {(sizes: Sizes, budget: Budget) => Fault[]} */
export function judgeSizes({ own, whole }, { ownMb, wholeMb }) {
  const faults = [];
  if (ownMb !== undefined && own > ownMb * MB)
    faults.push({ rule: 'own-size', what: `its own layers have ${megabytes(own)} MB, more than ${ownMb}` });
  if (wholeMb !== undefined && whole > wholeMb * MB)
    faults.push({ rule: 'whole-size', what: `it has ${megabytes(whole)} MB, more than ${wholeMb}` });
  return faults;
}

/**
 * Bytes that images take on one disk.
 * @param {readonly (readonly LayerFacts[])[]} images their layers, lowest first
 */
export function bytesOnDisk(images) {
  /** @type {Map<string, number>} */
  const chains = new Map();
  for (const layers of images) {
    let chain = '';
    for (const { diffId, sizeBytes } of layers) {
      chain += diffId;
      chains.set(chain, sizeBytes);
    }
  }
  return sum([...chains.values()]);
}

/** @type {(bytes: number) => string} */
export const megabytes = (bytes) => (bytes / MB).toFixed(1);

/** @type {(values: readonly number[]) => number} */
export const sum = (values) => values.reduce((total, each) => total + each, 0);

/** Size of a layer as a registry keeps it, computed once. Node's own gzip packs 2 % worse. @type {(layer: LayerFacts) => void} */
export function keepPackedSize({ diffId, tar }) {
  const path = packedPath(diffId);
  if (existsSync(path)) return;
  const { stdout, status, error } = spawnSync('gzip', ['-6', '-c'], {
    input: tar,
    maxBuffer: 2 * tar.length + 1024,
  });
  if (error || status !== 0)
    throw new ImageError('gzip, which tells packed sizes, does not run; leave --packed out');
  keep(path, String(stdout.length));
}

/** @type {(diffId: string) => number} */
export const packedSize = (diffId) => Number(readFileSync(packedPath(diffId), 'utf8'));

/** @type {(diffId: string) => string} */
const packedPath = (diffId) => join(cacheFolder, 'packed-6', diffId.slice('sha256:'.length));
