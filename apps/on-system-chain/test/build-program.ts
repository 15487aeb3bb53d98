/** Bundles a test's program as services are bundled: our packages inside, others beside. */
import { join, relative } from 'node:path';
import { build } from 'esbuild';

const root = join(__dirname, '..', '..', '..');

/** `source`: path of its TypeScript. Gives the path of what `node` runs. */
export async function buildProgram(source: string): Promise<string> {
  const outfile = join(root, 'dist/test', relative(root, source).replace(/ts$/, 'mjs'));
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'others beside',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@lucid/') ? undefined : { path, external: true },
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
