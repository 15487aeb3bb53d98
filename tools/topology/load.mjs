// The topology as data: libs/topology, bundled and loaded.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export async function loadTopology() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'libs/topology/src/index.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
