// Bundles a program of bench/: our packages inside, others beside, as they are installed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Gives the path of what `node` runs. */
export async function buildProgram(path, { sourcemap = false } = {}) {
  const outfile = join(root, 'dist/bench', path.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(root, 'bench', path)],
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
  return outfile;
}
