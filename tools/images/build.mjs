// node tools/images/build.mjs [--arch amd64|arm64] [--dry-run] [NAME …]: builds images and hands them to Docker. NAME: a service, `base` (those that
// services and programs stand on), `services` (those of apps/) or `programs`; default: all three. What is as before is not loaded again. --dry-run: tells digests and needs no Docker.
import { parseArgs } from 'node:util';
import { buildImage, chooseImages, lowerImages, ownBytes, tagsOf } from './catalogue.mjs';
import { daemonArch, hostArch, loadImage } from './daemon.mjs';
import { ImageError } from './download.mjs';

/** @import { Built } from './catalogue.mjs' */
/** @import { LowerName } from './base.mjs' */
/** @import { Image } from './image.mjs' */

/** @typedef {{ name: LowerName, built: Built }} Lower */

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;

/** Hands it over after all that it stands on. @type {(image: Image, lowers: readonly Lower[], name: string, suffix: string) => Promise<'loaded' | 'unchanged'>} */
async function load(image, lowers, name, suffix) {
  let below;
  for (const { name: lower, built } of lowers) {
    const tags = tagsOf(lower, suffix);
    await loadImage(built.image, tags, below);
    [below] = tags;
  }
  return loadImage(image, tagsOf(name, suffix), below);
}

/** @type {(names: readonly string[], options: { arch?: string, 'dry-run'?: boolean }) => Promise<void>} */
async function main(names, { arch: wanted, 'dry-run': dryRun }) {
  const daemon = dryRun ? hostArch() : daemonArch();
  const arch = wanted ?? daemon;
  if (arch !== 'amd64' && arch !== 'arm64') throw new ImageError(`--arch ${arch}: it is amd64 or arm64`);
  // The plain names are those of the daemon's own architecture.
  const suffix = arch === daemon ? '' : `-${arch}`;
  for (const name of chooseImages(names)) {
    const started = performance.now();
    const built = await buildImage(name, arch);
    const { image, note } = built;
    const lowers = await lowerImages(built, arch);
    const result = dryRun ? 'not loaded' : await load(image, lowers, name, suffix);
    const ms = Math.round(performance.now() - started);
    const [tag] = tagsOf(name, suffix);
    const digest = dryRun ? image.digest : image.digest.slice('sha256:'.length, 19);
    const own = megabytes(ownBytes(image, lowers.at(-1)?.built.image));
    console.log(`${tag.padEnd(44)} ${own}  ${digest}  ${result}, ${ms} ms`);
    if (note) console.log(`  ${note}`);
  }
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { arch: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
  });
  await main(positionals, values);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exit(1);
}
