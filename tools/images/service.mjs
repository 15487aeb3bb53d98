// The image of one of our services: its own code, the list of what is in it, and nothing else, on what all services stand on.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'fflate';
import { filesBeside } from '../bundle.mjs';
import { licenceTexts } from '../licences.mjs';
import { createSbom, packagesIn } from '../sbom.mjs';
import { baseReference, sharedName } from './base.mjs';
import { appOf, bundles } from './bundles.mjs';
import { ImageError, root } from './download.mjs';
import { directory, file, writeFolder } from './entries.mjs';
import { assembleImage } from './image.mjs';
import { buildShared } from './shared.mjs';
import { zstdAddon } from './zstd-addon.mjs';

/** @import { Service } from '../../libs/topology/src/service.ts' */
/** @import { Entry } from './entries.mjs' */
/** @import { Arch, Image } from './image.mjs' */

/** @type {Record<Arch, string>} */
const NODE_ARCH = { amd64: 'x64', arm64: 'arm64' };

/** @typedef {'native' | 'wasm' | 'none'} Codec of Zstandard */

/**
 * Files of `/app` besides the shared ones; the list of packages covers both.
 * @param {string} name
 * @param {Service} row
 * @param {Arch} arch
 * @returns {Promise<{ entries: Entry[], codec: Codec, note?: string }>} `note`: why the codec is not the native one
 */
export async function serviceFiles(name, row, arch) {
  const app = appOf(name, row);
  const { shared, ofApp } = await bundles();
  const { own, outputs } = ofApp(app);
  const beside = filesBeside(outputs, { platform: 'linux', arch: NODE_ARCH[arch] }).filter(
    ({ from }) => !from.endsWith('.musl.node'),
  );
  const compresses = beside.some(({ to }) => to === 'zstd.wasm');
  const addon = compresses ? zstdAddon(arch) : null;
  const native = addon && 'bytes' in addon ? addon : null;
  const sources = [...beside, ...(native ? [{ from: 'node_modules/zstd-napi/package.json' }] : [])];
  const packages = packagesIn(own.outputs, sources);
  const entries = [
    ...own.code,
    ...beside.map(({ from, to }) => besideFile(from, to)),
    ...(native ? [file(native.name, native.bytes)] : []),
    file('sbom.cdx.json', createSbom(app, new Map([...shared.outputs, ...own.outputs]), sources)),
    // Those of the shared layer lie there.
    ...(packages.length > 0 ? [file('licences.txt', licenceTexts(packages))] : []),
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
 * @returns {Promise<{ image: Image, base: typeof sharedName, note?: string }>}
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
    baseOf: (_, arch) => buildShared(arch),
  });
  return { image, base: sharedName, ...(note ? { note } : {}) };
}

/** Arguments of docker/service.Dockerfile. @type {(name: string, row: Service, codec: Codec) => Record<string, string>} */
export function serviceArguments(name, row, codec) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    BASE: baseReference(sharedName),
    SERVICE: name,
    VERSION: version,
    PORT: String(row.containerPort),
    PORTS: [row.containerPort, ...Object.values(row.otherPorts ?? {})].join(' '),
    // What is published may speak TLS, as its settings say.
    PROTOCOL: row.published ? 'any' : 'http',
    PLANE: row.plane,
    LAYER: String(row.layer),
    CODEC: codec,
  };
}
