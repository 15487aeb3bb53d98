// Bundles apps for Node: node tools/build.mjs [APP …] (default: every app). One folder an app under dist/apps/, ES modules,
// code loaded on demand in chunks of its own; native addons and WebAssembly lie beside.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** Packages with prebuilt addons: not bundled, copied with what they need at run time. */
const NATIVE = ['lmdb', 'classic-level', '@lydell/node-pty'];

/** What CommonJS packages inside an ES module bundle expect to find. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

const manifestOf = (name) => JSON.parse(readFileSync(join(root, 'apps', name, 'package.json'), 'utf8'));

/** Entry points: src/main.ts, and what package.json names under lucid.entries. */
function entriesOf(name, settings) {
  const main = (settings.bundle ?? 'main.mjs').replace(/\.mjs$/, '');
  const entries = { [main]: join(root, 'apps', name, 'src/main.ts') };
  for (const [out, source] of Object.entries(settings.entries ?? {}))
    entries[out] = join(root, 'apps', name, source);
  return entries;
}

/** A native package and its dependencies, from the workspace's node_modules, without sources of C. */
function copyNative(name, into, seen = new Set()) {
  if (seen.has(name)) return;
  seen.add(name);
  const from = join(root, 'node_modules', name);
  if (!existsSync(from)) return;
  cpSync(from, join(into, 'node_modules', name), {
    recursive: true,
    dereference: true,
    filter: (path) =>
      !/\/(deps|src|test|tests|docs|\.github)$/.test(path.slice(from.length)) &&
      !/\.(md|map|c|cc|cpp|h)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    copyNative(dependency, into, seen);
  }
}

/**
 * Files that a package opens beside its bundle, of every package that is part of it: `lucid.assets` in its package.json,
 * lists of paths from the root by the folder they go to.
 */
function copyAssets(inputs, outdir) {
  const packages = new Set(
    inputs.flatMap((path) => path.match(/^(?:apps|libs)\/[^/]+(?=\/src\/)/)?.[0] ?? []),
  );
  for (const each of packages) {
    const { assets = {} } = JSON.parse(readFileSync(join(root, each, 'package.json'), 'utf8')).lucid ?? {};
    for (const [folder, paths] of Object.entries(assets)) {
      mkdirSync(join(outdir, folder), { recursive: true });
      for (const path of paths) copyFileSync(join(root, path), join(outdir, folder, basename(path)));
    }
  }
}

async function bundle(name) {
  const settings = manifestOf(name).lucid ?? {};
  const finished = join(root, 'dist/apps', name);
  // Built aside and swapped in, so that a command that starts meanwhile finds the old bundle or the new one.
  const outdir = join(root, 'dist/apps', `.${name}.${process.pid}`);
  rmSync(outdir, { recursive: true, force: true });
  const result = await build({
    entryPoints: entriesOf(name, settings),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: !settings.bundle,
    outExtension: { '.js': '.mjs' },
    // Beside the entry points, so that import.meta.url names the same folder everywhere.
    chunkNames: 'chunk-[name]-[hash]',
    banner: settings.bundle ? {} : { js: BANNER },
    external: NATIVE,
    sourcemap: settings.bundle ? false : 'linked',
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
  });
  const inputs = Object.keys(result.metafile.inputs);
  const imported = new Set(
    Object.values(result.metafile.outputs).flatMap((output) => output.imports.map((each) => each.path)),
  );
  for (const each of NATIVE.filter((packageName) => imported.has(packageName))) copyNative(each, outdir);
  if (inputs.some((path) => path.includes('@bokuweb/zstd-wasm'))) {
    const wasm = join(dirname(require.resolve('@bokuweb/zstd-wasm')), 'zstd.wasm');
    copyFileSync(wasm, join(outdir, 'zstd.wasm'));
  }
  copyAssets(inputs, outdir);
  writeFileSync(join(outdir, 'meta.json'), JSON.stringify(result.metafile));
  rmSync(finished, { recursive: true, force: true });
  renameSync(outdir, finished);
}

const names =
  process.argv.length > 2
    ? process.argv.slice(2)
    : readdirSync(join(root, 'apps')).filter((name) => existsSync(join(root, 'apps', name, 'src/main.ts')));
for (const name of names) await bundle(name);
// ./lucid compares the sources with this file's time.
if (process.argv.length === 2) writeFileSync(join(root, 'dist/apps/.built'), '');
