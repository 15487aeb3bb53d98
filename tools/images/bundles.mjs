// The bundles of all services, made at once, so that what several have is one file in all of them: esbuild puts what is reached from the
// same entry points into one chunk. Chunks of many services are the shared layer, which is on a disk once.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bannerOf, bundleOptions, reachableOutputs } from '../bundle.mjs';
import { loadTopology } from '../topology/load.mjs';
import { ImageError, root } from './download.mjs';
import { file } from './entries.mjs';

/** @import { Service } from '../../libs/topology/src/service.ts' */
/** @import { Output } from '../bundle.mjs' */
/** @import { Entry } from './entries.mjs' */

/** What this many services have is shared. Less would put the whole chain into every image, since one image holds all of it once more. */
const SHARED_BY = 3;

/** Between the name of an app and that of its file, where the files of all apps lie in one folder. */
const OF = '~';

/** @type {(name: string) => string} */
const substitute = (name) => join(root, 'tools/images/substitutes', name);

/** What an image has other code for than a bundle that runs without containers. */
const SUBSTITUTES = {
  undici: substitute('undici.mjs'),
  'whatwg-url': substitute('whatwg-url.mjs'),
  '@fastify/ajv-compiler': substitute('fastify-compiler.cjs'),
  '@fastify/fast-json-stringify-compiler': substitute('fastify-compiler.cjs'),
  '@lucid/store-lmdb': substitute('store-lmdb.mjs'),
  '@aws-sdk/credential-provider-node': substitute('credential-provider-node.mjs'),
};

/**
 * Lets indexes of our packages name whole files instead of what is in them: of an index that names things, esbuild loads every file that
 * some service uses in every service that uses any.
 * @type {import('esbuild').Plugin}
 */
const indexes = {
  name: 'indexes',
  setup({ onLoad }) {
    onLoad({ filter: /\/libs\/[^/]+\/src\/index\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const wider = text.replace(/^export \{([^}]*)\} from ('[^']+');$/gm, (all, names, from) =>
        / as /.test(names) ? all : `export * from ${from};`,
      );
      return { contents: wider, loader: 'ts' };
    });
  },
};

/**
 * @typedef {object} Part of the code
 * @property {ReadonlyMap<string, Output>} outputs by their paths in the metafile
 * @property {Entry[]} code files of `/app`
 */

/**
 * @typedef {object} Bundles
 * @property {Part} shared
 * @property {(app: string) => { own: Part, outputs: ReadonlyMap<string, Output> }} ofApp `outputs`: all that it can reach, shared or its own
 */

/** The folder in apps/ that a service's image is made of. @type {(name: string, row: Service) => string} */
export const appOf = (name, { image }) => (image?.kind === 'node' ? image.app : undefined) ?? name;

/** @type {(app: string) => boolean} */
export const appExists = (app) => existsSync(join(root, 'apps', app, 'src/main.ts'));

/** Apps of which there are images, sorted. @type {() => Promise<string[]>} */
async function appsWithImages() {
  /** @type {Record<string, Service>} */
  const services = (await loadTopology()).services;
  const rows = Object.entries(services).filter(([, { image }]) => image?.kind === 'node');
  return [...new Set(rows.map(([name, row]) => appOf(name, row)))].filter(appExists).sort();
}

/** @type {(apps: readonly string[]) => Record<string, string>} */
const entryPoints = (apps) =>
  Object.fromEntries(
    apps.flatMap((app) =>
      Object.entries(bundleOptions(app).entryPoints).map(([name, source]) => [`${app}${OF}${name}`, source]),
    ),
  );

/** @type {(apps: readonly string[]) => Promise<import('esbuild').BuildResult<{ write: false, metafile: true }>>} */
async function bundle(apps) {
  const [first = ''] = apps;
  try {
    return await build({
      ...bundleOptions(first),
      entryPoints: entryPoints(apps),
      outdir: join(root, 'dist/images/bundles'),
      write: false,
      banner: {},
      minify: true,
      // Errors and classes keep theirs, which logs show.
      keepNames: true,
      // Of packages that come as both kinds of modules the one of which unused parts can be dropped.
      mainFields: ['module', 'main'],
      alias: SUBSTITUTES,
      plugins: [indexes],
    });
  } catch (error) {
    throw new ImageError('the services cannot be bundled; what esbuild says stands above', { cause: error });
  }
}

/** @returns {Promise<Bundles>} */
async function makeBundles() {
  const apps = await appsWithImages();
  const { metafile, outputFiles } = await bundle(apps);
  const reached = new Map(
    apps.map((app) => [app, reachableOutputs(metafile, (path) => basename(path).startsWith(`${app}${OF}`))]),
  );
  const all = new Map([...reached.values()].flatMap((outputs) => [...outputs]));
  const users = countUsers(reached.values());
  const isShared = (/** @type {string} */ path) => (users.get(path) ?? 0) >= SHARED_BY;
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), bannerOf(text) + text]));
  const filesOf = (/** @type {Iterable<string>} */ paths, prefix = '') =>
    [...paths].map((path) => file(basename(path).replace(prefix, ''), texts.get(basename(path)) ?? ''));
  const shared = chosen(all, isShared);
  return {
    shared: { outputs: shared, code: filesOf(shared.keys()) },
    ofApp(app) {
      const outputs = reached.get(app);
      if (!outputs) throw new ImageError(`there is no apps/${app} that the topology names`);
      const own = chosen(outputs, (path) => !isShared(path));
      return { outputs, own: { outputs: own, code: filesOf(own.keys(), `${app}${OF}`) } };
    },
  };
}

/** How many of the apps reach each output. @type {(reached: Iterable<ReadonlyMap<string, Output>>) => Map<string, number>} */
function countUsers(reached) {
  const users = new Map();
  for (const outputs of reached)
    for (const path of outputs.keys()) users.set(path, (users.get(path) ?? 0) + 1);
  return users;
}

/** @type {(outputs: ReadonlyMap<string, Output>, choose: (path: string) => boolean) => Map<string, Output>} */
const chosen = (outputs, choose) => new Map([...outputs].filter(([path]) => choose(path)));

/** @type {Promise<Bundles> | undefined} */
let made;

/**
 * Made once a process.
 * @returns {Promise<Bundles>}
 * @throws {ImageError} where one of the services cannot be bundled
 */
export const bundles = () => {
  made ??= makeBundles();
  return made;
};
