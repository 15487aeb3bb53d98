import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Bundles a program of this folder in the shape of the product's bundles: ES modules, split. Returns its path. */
export function bundleProgram(name: string, outdir: string): string {
  buildSync({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);",
    },
  });
  return join(outdir, `${name}.mjs`);
}
