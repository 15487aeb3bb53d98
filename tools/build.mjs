// Bundles apps for this machine's Node: node tools/build.mjs [APP …] (default: every app). One folder an app under dist/apps/, with a
// list of all packages in it (sbom.cdx.json).
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions, filesBeside, reachableOutputs, settingsOf } from './bundle.mjs';
import { createSbom } from './sbom.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function bundle(name) {
  const finished = join(root, 'dist/apps', name);
  // Built aside and swapped in, so that a command that starts meanwhile finds the old bundle or the new one.
  const outdir = join(root, 'dist/apps', `.${name}.${process.pid}`);
  rmSync(outdir, { recursive: true, force: true });
  const sourcemap = settingsOf(name).bundle ? false : 'linked';
  const { metafile } = await build({ ...bundleOptions(name), outdir, sourcemap });
  const outputs = reachableOutputs(metafile);
  const beside = filesBeside(outputs, { platform: process.platform, arch: process.arch });
  for (const { from, to } of beside) {
    mkdirSync(dirname(join(outdir, to)), { recursive: true });
    cpSync(join(root, from), join(outdir, to), { dereference: true });
  }
  writeFileSync(join(outdir, 'sbom.cdx.json'), createSbom(name, outputs, beside));
  writeFileSync(join(outdir, 'meta.json'), JSON.stringify(metafile));
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
