// The topology as data: libs/topology, bundled and loaded.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export async function loadTopology() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'libs/topology/src/index.ts')],
    bundle: true,
    format: 'cjs',
    write: false,
    logLevel: 'error',
  });
  // Not by import(): tests have none of text.
  const code = { exports: {} };
  new Function('module', 'exports', outputFiles[0].text)(code, code.exports);
  return code.exports;
}
