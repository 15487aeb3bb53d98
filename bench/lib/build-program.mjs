// Bundles a program of bench/: our packages inside, others beside, as they are installed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Gives the path of what `node` runs. */
export async function buildProgram(path, { sourcemap = false } = {}) {
  const outfile = join(root, 'dist/bench', path.replace(/\.ts$/, '.mjs'));
  await bundle(join(root, 'bench', path), outfile, sourcemap);
  return outfile;
}

/** As `buildProgram`, with the thread that blockchain-vm recovers senders in beside it. */
export async function buildChainProgram(path, options = {}) {
  const outfile = await buildProgram(path, options);
  await bundle(
    join(root, 'apps/blockchain-vm/src/recover-worker.ts'),
    join(dirname(outfile), 'recover-worker.mjs'),
  );
  return outfile;
}

async function bundle(entry, outfile, sourcemap = false) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: sourcemap ? 'inline' : false,
    plugins: [
      {
        name: 'others beside',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
            kind === 'entry-point' || name.startsWith('@lucid/') ? undefined : { path: name, external: true },
          );
        },
      },
    ],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}
