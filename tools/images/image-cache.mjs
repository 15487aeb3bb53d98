// Images that take seconds to make, kept by what they were made of. Layers lie under their digests and are judged when they are read.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
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
  if (kept?.layers.every((/** @type {Layer} */ { diffId }) => existsSync(layerPath(diffId)))) {
    const image = revive(kept);
    touch([path, ...image.layers.map(({ diffId }) => layerPath(diffId))]);
    return image;
  }
  const image = await make();
  if (image === null) return image;
  for (const { diffId, read } of image.layers)
    if (!existsSync(layerPath(diffId))) keep(layerPath(diffId), read());
  const { arch, settings, history, layers, tree } = image;
  // One that was there already may be old.
  touch(image.layers.map(({ diffId }) => layerPath(diffId)));
  keep(path, JSON.stringify({ arch, settings, history, layers, tree: [...tree] }));
  removeUnused();
  return image;
}

/** What no build has read for this long is not kept. */
const UNUSED_MS = 30 * 86_400_000;

/** @type {(paths: readonly string[]) => void} */
function touch(paths) {
  const now = new Date();
  for (const path of paths) utimesSync(path, now, now);
}

function removeUnused() {
  for (const folder of ['images', 'layers'].map((name) => join(cacheFolder, name))) {
    for (const path of readdirSync(folder).map((name) => join(folder, name))) {
      const status = statSync(path, { throwIfNoEntry: false });
      if (status && Date.now() - status.mtimeMs > UNUSED_MS) rmSync(path, { force: true });
    }
  }
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
