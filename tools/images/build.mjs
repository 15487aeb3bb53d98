// node tools/images/build.mjs [--arch amd64|arm64] [--dry-run] [NAME …]: builds images and hands them to Docker. NAME: a service, `base` (those that
// services and programs stand on), `services` (those of apps/) or `programs`; default: all three. What is as before is not loaded again. --dry-run: tells digests and needs no Docker.
import { parseArgs } from 'node:util';
import { buildImage, chooseImages, ownBytes, tagsOf } from './catalogue.mjs';
import { daemonArch, hostArch, loadImage } from './daemon.mjs';
import { ImageError } from './download.mjs';

/** @import { Built } from './catalogue.mjs' */

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;

/** @type {(built: Built, name: string, suffix: string) => Promise<'loaded' | 'unchanged'>} */
async function load({ image, lower, lowerName }, name, suffix) {
  const lowerTags = lowerName && tagsOf(lowerName, suffix);
  if (lower && lowerTags) await loadImage(lower, lowerTags);
  return loadImage(image, tagsOf(name, suffix), lowerTags?.[0]);
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
    const result = dryRun ? 'not loaded' : await load(built, name, suffix);
    const ms = Math.round(performance.now() - started);
    const [tag] = tagsOf(name, suffix);
    const digest = dryRun ? built.image.digest : built.image.digest.slice('sha256:'.length, 19);
    console.log(`${tag.padEnd(44)} ${megabytes(ownBytes(built))}  ${digest}  ${result}, ${ms} ms`);
    if (built.note) console.log(`  ${built.note}`);
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
