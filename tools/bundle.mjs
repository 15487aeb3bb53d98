// How an app becomes a bundle: ES modules for Node, code loaded on demand in chunks of its own, native addons and other files beside.
// tools/build.mjs writes bundles for this machine, tools/images/ those of images.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Packages with prebuilt addons: not bundled, copied with what they need at run time. */
const NATIVE = ['lmdb', 'classic-level', '@lydell/node-pty'];

/** WebAssembly that packages open beside their code. */
const WASM = [
  {
    of: '@bokuweb/zstd-wasm',
    from: 'node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm',
    to: 'zstd.wasm',
  },
  { of: 'tiny-secp256k1', from: 'node_modules/tiny-secp256k1/lib/secp256k1.wasm', to: 'secp256k1.wasm' },
];

/** What CommonJS packages inside an ES module bundle expect to find. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** What a file of a bundle needs of it: most need nothing, and it takes time in each. @type {(code: string) => string} */
export const bannerOf = (code) =>
  /(?<![\w$])(?:require|__filename|__dirname)(?![\w$])/.test(code) ? `${BANNER}\n` : '';

/** @import { BuildOptions, Metafile } from 'esbuild' */

/** @typedef {Metafile['outputs'][string]} Output */

/** @typedef {{ from: string, to: string }} Beside a file beside a bundle: its path from the root, and in the bundle's folder */

/** @typedef {{ platform: string, arch: string }} Target as Node names them: `linux`, `x64` */

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * What an app's package.json says under `lucid`.
 * @type {(name: string) => { bundle?: string, entries?: Record<string, string> }}
 */
export const settingsOf = (name) => readJson(join(root, 'apps', name, 'package.json')).lucid ?? {};

/**
 * Entry points: src/main.ts, and what package.json names under lucid.entries.
 * @param {string} name
 * @param {{ bundle?: string, entries?: Record<string, string> }} settings
 */
function entriesOf(name, settings) {
  const main = (settings.bundle ?? 'main.mjs').replace(/\.mjs$/, '');
  /** @type {Record<string, string>} */
  const entries = { [main]: join(root, 'apps', name, 'src/main.ts') };
  for (const [out, source] of Object.entries(settings.entries ?? {}))
    entries[out] = join(root, 'apps', name, source);
  return entries;
}

/**
 * esbuild's options, but for where the result goes.
 * @param {string} name of the app
 * @returns {Omit<BuildOptions, 'entryPoints'> & { metafile: true, entryPoints: Record<string, string> }}
 */
export function bundleOptions(name) {
  const settings = settingsOf(name);
  return {
    absWorkingDir: root,
    entryPoints: entriesOf(name, settings),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: !settings.bundle,
    outExtension: { '.js': '.mjs' },
    // Beside the entry points, so that import.meta.url names the same folder everywhere.
    chunkNames: 'chunk-[name]-[hash]',
    ...(settings.bundle ? {} : { banner: { js: BANNER } }),
    external: NATIVE,
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
  };
}

/**
 * Outputs that can be reached from entry points in apps/, by path; esbuild also writes chunks of code that it has dropped.
 * @param {Metafile} metafile
 * @param {(path: string) => boolean} [choose] of the entry points, by the path of the output; default: all
 */
export function reachableOutputs({ outputs }, choose = () => true) {
  /** @type {Map<string, Output>} */
  const reached = new Map();
  const visit = (/** @type {string} */ path) => {
    const output = outputs[path];
    if (!output || reached.has(path)) return;
    reached.set(path, output);
    for (const each of output.imports) visit(each.path);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs))
    if (entryPoint && /(^|\/)apps\//.test(entryPoint) && choose(path)) visit(path);
  return reached;
}

/**
 * Files that must lie beside a bundle: native packages for one platform, WebAssembly, and what packages that are part of it name
 * under `lucid.assets`: a file, or by a folder, two stars and an ending all such files below the folder. Each with its path from the root and the
 * path in the bundle's folder.
 * @param {ReadonlyMap<string, Output>} outputs what `reachableOutputs` gives
 * @param {Target} target
 * @returns {Beside[]}
 */
export function filesBeside(outputs, target) {
  const inputs = [...new Set([...outputs.values()].flatMap((each) => Object.keys(each.inputs)))];
  const imported = new Set([...outputs.values()].flatMap((each) => each.imports.map(({ path }) => path)));
  const natives = NATIVE.filter((each) => imported.has(each));
  return [
    ...[...dependenciesOf(natives)].flatMap((each) => nativeFiles(each, target)),
    ...WASM.filter(({ of }) => inputs.some((path) => path.startsWith(`node_modules/${of}/`))),
    ...assetFiles(inputs),
  ];
}

/**
 * Packages with all that they depend on, of those that are installed.
 * @param {readonly string[]} names
 * @param {Set<string>} [seen]
 */
function dependenciesOf(names, seen = new Set()) {
  for (const name of names) {
    const path = join(root, 'node_modules', name, 'package.json');
    if (seen.has(name) || !existsSync(path)) continue;
    seen.add(name);
    const { dependencies, optionalDependencies } = readJson(path);
    dependenciesOf(Object.keys({ ...dependencies, ...optionalDependencies }), seen);
  }
  return seen;
}

/**
 * A package's files without sources of C, documents, and addons for other platforms.
 * @type {(name: string, target: Target) => Beside[]}
 */
function nativeFiles(name, { platform, arch }) {
  const folder = join('node_modules', name);
  const unused = /\/(deps|src|test|tests|docs|\.github)\/|\.(md|map|c|cc|cpp|h|d\.ts|d\.cts|gyp)$/;
  const foreign = (/** @type {string} */ path) => {
    const [, prebuilt] = /\/prebuilds\/([^/]+)\//.exec(path) ?? [];
    if (!prebuilt) return false;
    const [system, archs = ''] = prebuilt.split('-');
    return system !== platform || !archs.split('+').includes(arch);
  };
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory())
    .map((each) => relative(join(root, folder), join(each.parentPath ?? each.path, each.name)))
    .filter((path) => !unused.test(`/${path}`) && !foreign(`/${path}`))
    .map((path) => ({ from: join(folder, path), to: join(folder, path) }));
}

/** @type {(inputs: readonly string[]) => Beside[]} */
function assetFiles(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => path.match(/^(?:apps|libs)\/[^/]+(?=\/src\/)/)?.[0] ?? []),
  );
  return [...packages].flatMap((each) => {
    /** @type {{ assets?: Record<string, string[]> }} */
    const { assets = {} } = readJson(join(root, each, 'package.json')).lucid ?? {};
    return Object.entries(assets).flatMap(([folder, paths]) =>
      paths.flatMap((from) => {
        const [, tree, ending] = /^(.+)\/\*\*\/\*(\.\w+)$/.exec(from) ?? [];
        if (!tree || !ending) return [{ from, to: join(folder, basename(from)) }];
        return treeFiles(tree, ending).map((path) => ({ from: join(tree, path), to: join(folder, path) }));
      }),
    );
  });
}

/**
 * Paths of files in a folder and below it, sorted.
 * @type {(folder: string, ending: string) => string[]}
 */
const treeFiles = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .sort();
