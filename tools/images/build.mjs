// node tools/images/build.mjs [--arch amd64|arm64] [NAME …]: builds images and hands them to Docker. NAME: a service, `base` (those that
// services and programs stand on), `services` (those of apps/) or `programs`; default: all three. What is as before is not loaded again.
import { parseArgs } from 'node:util';
import { buildImage, chooseImages, ownBytes, tagsOf } from './catalogue.mjs';
import { daemonArch, loadImage } from './daemon.mjs';
import { ImageError } from './download.mjs';

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;

/** @type {(names: readonly string[], wanted: string | undefined) => Promise<void>} */
async function main(names, wanted) {
  const daemon = daemonArch();
  const arch = wanted ?? daemon;
  if (arch !== 'amd64' && arch !== 'arm64') throw new ImageError(`--arch ${arch}: it is amd64 or arm64`);
  // The plain names are those of the daemon's own architecture.
  const suffix = arch === daemon ? '' : `-${arch}`;
  for (const name of chooseImages(names)) {
    const started = performance.now();
    const built = await buildImage(name, arch);
    const { image, lower, lowerName, note } = built;
    const lowerTags = lowerName && tagsOf(lowerName, suffix);
    if (lower && lowerTags) await loadImage(lower, lowerTags);
    const tags = tagsOf(name, suffix);
    const result = await loadImage(image, tags, lowerTags?.[0]);
    const ms = Math.round(performance.now() - started);
    const digest = image.digest.slice('sha256:'.length, 19);
    console.log(`${tags[0].padEnd(44)} ${megabytes(ownBytes(built))}  ${digest}  ${result}, ${ms} ms`);
    if (note) console.log(`  its Zstandard codec is WebAssembly: ${note}`);
  }
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { arch: { type: 'string' } },
  });
  await main(positionals, values.arch);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exit(1);
}
