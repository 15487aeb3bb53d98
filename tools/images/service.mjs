// The image of one of our services: its bundle, the list of what is in it, and nothing else, on the base with Node.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { gzipSync } from 'fflate';
import { bundleOptions, filesBeside, reachableOutputs } from '../bundle.mjs';
import { licenceTexts } from '../licences.mjs';
import { createSbom, packagesIn } from '../sbom.mjs';
import { baseOf, baseReference, serviceBase } from './base.mjs';
import { ImageError, root } from './download.mjs';
import { directory, file, writeFolder } from './entries.mjs';
import { assembleImage } from './image.mjs';
import { zstdAddon } from './zstd-addon.mjs';

/** @import { Service } from '../../libs/topology/src/service.ts' */
/** @import { BaseName } from './base.mjs' */
/** @import { Output } from '../bundle.mjs' */
/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Image } from './image.mjs' */

/** @type {Record<Arch, string>} */
const NODE_ARCH = { amd64: 'x64', arm64: 'arm64' };

/** @type {(name: string) => string} */
const substitute = (name) => join(root, 'tools/images/substitutes', name);

/**
 * What an image has other code for than a bundle that runs without containers.
 * @type {(row: Service) => Record<string, string>}
 */
const substitutes = ({ environment }) => ({
  undici: substitute('undici.mjs'),
  'whatwg-url': substitute('whatwg-url.mjs'),
  '@fastify/ajv-compiler': substitute('fastify-compiler.cjs'),
  '@fastify/fast-json-stringify-compiler': substitute('fastify-compiler.cjs'),
  '@lucid/store-lmdb': substitute('store-lmdb.mjs'),
  '@aws-sdk/credential-provider-node': substitute('credential-provider-node.mjs'),
  ...(environment?.LUCID_CHUNKS_URL ? {} : { '@lucid/store-s3': substitute('store-s3.mjs') }),
});

/** @type {(name: string, row: Service) => Promise<{ outputs: Map<string, Output>, code: Entry[] }>} */
async function bundle(name, row) {
  const { metafile, outputFiles } = await build({
    ...bundleOptions(name),
    outdir: join(root, 'dist/images', name),
    write: false,
    minify: true,
    // Errors and classes keep theirs, which logs show.
    keepNames: true,
    // Of packages that come as both kinds of modules the one of which unused parts can be dropped.
    mainFields: ['module', 'main'],
    alias: substitutes(row),
  }).catch((error) => {
    throw new ImageError(`${name} cannot be bundled; what esbuild says stands above`, { cause: error });
  });
  const outputs = reachableOutputs(metafile);
  const reached = new Set([...outputs.keys()].map((path) => basename(path)));
  const code = outputFiles
    .filter(({ path }) => reached.has(basename(path)))
    .map(({ path, contents }) => file(basename(path), Buffer.from(contents)));
  return { outputs, code };
}

/** @typedef {'native' | 'wasm' | 'none'} Codec of Zstandard */

/**
 * @param {string} name
 * @param {Service} row
 * @param {Arch} arch
 * @returns {Promise<{ entries: Entry[], codec: Codec, note?: string }>} `note`: why the codec is not the native one
 */
export async function serviceFiles(name, row, arch) {
  const { outputs, code } = await bundle(name, row);
  const beside = filesBeside(outputs, { platform: 'linux', arch: NODE_ARCH[arch] }).filter(
    ({ from }) => !from.endsWith('.musl.node'),
  );
  const compresses = beside.some(({ to }) => to === 'zstd.wasm');
  const addon = compresses ? zstdAddon(arch) : null;
  const native = addon && 'bytes' in addon ? addon : null;
  const sources = [...beside, ...(native ? [{ from: 'node_modules/zstd-napi/package.json' }] : [])];
  const entries = [
    ...code,
    ...beside.map(({ from, to }) => besideFile(from, to)),
    ...(native ? [file(native.name, native.bytes)] : []),
    file('sbom.cdx.json', createSbom(name, outputs, sources)),
    file('licences.txt', licenceTexts(packagesIn(outputs, sources))),
  ];
  return {
    entries,
    codec: native ? 'native' : compresses ? 'wasm' : 'none',
    ...(addon && 'why' in addon ? { note: `its Zstandard codec is WebAssembly: ${addon.why}` } : {}),
  };
}

/** Large scripts that browsers get are packed; what reads them unpacks them. By a library of npm: Node's zlib differs by version. */
const PACKED_BYTES = 100_000;

/** @type {(from: string, to: string) => Entry} */
function besideFile(from, to) {
  const bytes = readFileSync(join(root, from));
  const isPage = dirname(to) === 'openapi-docs' && /\.(js|css)$/.test(to);
  return isPage && bytes.length > PACKED_BYTES
    ? file(`${to}.gz`, Buffer.from(gzipSync(bytes, { level: 9, mtime: 0 })))
    : file(to, bytes);
}

/** Folders that volumes cover, the image's user's own. @type {(name: string, row: Service) => Entry[]} */
const volumeFolders = (name, { volumes = {} }) =>
  Object.values(volumes).map((path) => {
    if (!path.startsWith('/data/'))
      throw new ImageError(
        `${name}: the volume at ${path}: volumes of services lie under /data/ (libs/topology)`,
      );
    return directory(path.slice(1));
  });

/**
 * Stages a service's files under dist/images/ and assembles its image.
 * @param {string} name
 * @param {Service} row of the topology
 * @param {Arch} arch
 * @returns {Promise<{ image: Image, base: BaseName, note?: string }>}
 */
export async function buildService(name, row, arch) {
  const { entries, codec, note } = await serviceFiles(name, row, arch);
  const staged = join(root, `dist/images/${name}-${arch}`);
  writeFolder(staged, [
    directory('app'),
    ...entries.map((each) => ({ ...each, path: `app/${each.path}` })),
    directory('volumes'),
    ...volumeFolders(name, row).map((each) => ({ ...each, path: `volumes/${each.path}` })),
  ]);
  const image = await assembleImage({
    dockerfile: 'docker/service.Dockerfile',
    arch,
    args: serviceArguments(name, row, codec),
    baseOf,
  });
  return { image, base: serviceBase(), ...(note ? { note } : {}) };
}

/** Arguments of docker/service.Dockerfile. @type {(name: string, row: Service, codec: Codec) => Record<string, string>} */
export function serviceArguments(name, row, codec) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    BASE: baseReference(serviceBase()),
    SERVICE: name,
    VERSION: version,
    PORT: String(row.containerPort),
    // What is published may speak TLS, as its settings say.
    PROTOCOL: row.published ? 'any' : 'http',
    PLANE: row.plane,
    LAYER: String(row.layer),
    CODEC: codec,
  };
}
