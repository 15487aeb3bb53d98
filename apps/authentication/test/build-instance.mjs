// node test/build-instance.mjs OUTDIR: the service as a program of its own, for tests that kill it. Native packages are found from OUTDIR
// upwards, so it must lie in the work tree.
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const [outdir] = process.argv.slice(2);
await build({
  entryPoints: { main: join(here, '../src/main.ts') },
  ...{
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    logLevel: 'error',
  },
  outExtension: { '.js': '.mjs' },
  external: ['lmdb', 'mongodb', 'ioredis', 'classic-level', '@aws-sdk/client-s3'],
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
});
const wasm = createRequire(import.meta.url)
  .resolve('tiny-secp256k1')
  .replace(/lib\/.*$/, 'lib/secp256k1.wasm');
copyFileSync(wasm, join(outdir, 'secp256k1.wasm'));
