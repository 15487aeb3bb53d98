// node tools/images/build.mjs [--arch amd64|arm64] [NAME …]: builds images and hands them to Docker. NAME: a service, `base`, `services`
// (those of apps/) or `programs`; default: everything that exists. What is the same as before is not loaded again.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTopology } from '../topology/load.mjs';
import { baseNames, buildBase, registry, serviceBase } from './base.mjs';
import { daemonArch, loadImage } from './daemon.mjs';
import { ImageError, root } from './download.mjs';
import { buildService } from './service.mjs';

/** @import { BaseName } from './base.mjs' */
/** @import { Arch, Image } from './image.mjs' */
/** @import { Service } from '../../libs/topology/src/service.ts' */

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * Tags of an image: the plain ones are those of the daemon's own architecture.
 * @param {string} name
 * @param {Arch} arch
 * @param {Arch} daemon
 * @returns {[string, ...string[]]}
 */
export const tagsOf = (name, arch, daemon) => {
  const suffix = arch === daemon ? '' : `-${arch}`;
  return [`${registry}:${name}${suffix}`, `${registry}:${name}-${version}${suffix}`];
};

/** @type {(row: Service | undefined, name: string) => boolean} */
const exists = (row, name) =>
  row?.image !== undefined &&
  (row.image.kind !== 'node' || existsSync(join(root, 'apps', name, 'src/main.ts')));

/** @type {(names: readonly string[], services: Record<string, Service>) => string[]} */
function chosen(names, services) {
  const all = Object.keys(services).filter((name) => exists(services[name], name));
  const isService = (/** @type {string} */ name) => services[name]?.image?.kind === 'node';
  const list = (names.length > 0 ? names : ['base', 'services', 'programs']).flatMap((name) => {
    if (name === 'base') return baseNames;
    if (name === 'services') return all.filter(isService);
    if (name === 'programs') return all.filter((each) => !isService(each));
    if (all.includes(name)) return [name];
    throw new ImageError(`there is no image ${name}; there are base, services, programs, ${all.join(', ')}`);
  });
  return [...new Set(list)];
}

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;

/**
 * @param {string} name of a base or a service
 * @param {Record<string, Service>} services
 * @param {Arch} arch
 * @returns {Promise<{ image: Image, base?: BaseName, note?: string }>}
 */
async function buildImage(name, services, arch) {
  const asBase = baseNames.find((each) => each === name);
  if (asBase) return { image: await buildBase(asBase, arch) };
  const row = /** @type {Service} */ (services[name]);
  if (row.image?.kind === 'node') return { ...(await buildService(name, row, arch)), base: serviceBase() };
  const { buildProgram } = await import('./programs.mjs');
  return { image: await buildProgram(name, arch), base: 'base-program' };
}

/** @type {(names: readonly string[], wanted: string | undefined) => Promise<void>} */
async function main(names, wanted) {
  const daemon = daemonArch();
  const arch = /** @type {Arch} */ (wanted ?? daemon);
  if (arch !== 'amd64' && arch !== 'arm64') throw new ImageError(`--arch ${arch}: it is amd64 or arm64`);
  const { services } = await loadTopology();
  for (const name of chosen(names, services)) {
    const started = performance.now();
    const { image, base, note } = await buildImage(name, services, arch);
    // The daemon has the lower layers under the name of the base, once that has been loaded.
    const lower = base ? await buildBase(base, arch) : null;
    if (lower && base) await loadImage(lower, tagsOf(base, arch, daemon));
    const tags = tagsOf(name, arch, daemon);
    const result = await loadImage(image, tags, base && tagsOf(base, arch, daemon)[0]);
    const own = image.layers
      .slice(lower?.layers.length ?? 0)
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const ms = Math.round(performance.now() - started);
    console.log(`${tags[0].padEnd(44)} ${megabytes(own)}  ${image.digest.slice(7, 19)}  ${result}, ${ms} ms`);
    if (note) console.log(`  its Zstandard codec is WebAssembly: ${note}`);
  }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { arch: { type: 'string' } } });
try {
  await main(positionals, values.arch);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exit(1);
}
