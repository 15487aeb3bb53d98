// Images that take seconds to make, kept by what they were made of. Layers lie under their digests and are judged when they are read.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ImageError, keep } from './download.mjs';
import { createImage, sha256 } from './image.mjs';

/** @import { Image, Layer } from './image.mjs' */

/** @type {(diffId: string) => string} */
const layerPath = (diffId) => join(cacheFolder, 'layers', `${diffId.slice('sha256:'.length)}.tar`);

/**
 * @param {string} key hex digest of everything that the image depends on
 * @template {Image | null} Made
 * @param {() => Promise<Made>} make what gives null is asked again the next time
 * @returns {Promise<Image | Made>}
 */
export async function cachedImage(key, make) {
  const path = join(cacheFolder, 'images', `${key}.json`);
  const kept = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  if (kept?.layers.every((/** @type {Layer} */ { diffId }) => existsSync(layerPath(diffId))))
    return revive(kept);
  const image = await make();
  if (image === null) return image;
  for (const { diffId, read } of image.layers)
    if (!existsSync(layerPath(diffId))) keep(layerPath(diffId), read());
  const { arch, settings, history, layers, tree } = image;
  keep(path, JSON.stringify({ arch, settings, history, layers, tree: [...tree] }));
  return image;
}

/** @type {(kept: Omit<Image, 'tree'> & { tree: [string, import('./image.mjs').Place][] }) => Image} */
const revive = ({ arch, settings, history, layers, tree }) =>
  createImage({
    arch,
    settings,
    history,
    layers: layers.map(({ diffId, sizeBytes }) => ({ diffId, sizeBytes, read: () => readLayer(diffId) })),
    tree: new Map(tree),
  });

/** @type {(diffId: string) => Buffer} */
function readLayer(diffId) {
  const tar = readFileSync(layerPath(diffId));
  if (sha256(tar) === diffId) return tar;
  rmSync(layerPath(diffId));
  throw new ImageError('a layer in the cache was damaged and has been taken out; run the same command again');
}
