/** The worker as a build makes it, for tests that run from sources. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(__dirname, '../../..');

export async function bundleWorker(): Promise<{ url: URL; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-compile-worker-'));
  const outfile = join(folder, 'compile-worker.mjs');
  await build({
    entryPoints: [join(root, 'apps/contract-compiler/src/compile-worker.ts')],
    absWorkingDir: root,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
    },
    logLevel: 'error',
  });
  return { url: pathToFileURL(outfile), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
