// What calls of our contracts cost in gas, on the reference EVM with the rules of Cancun.
//   node bench/contract-gas.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { table } from './lib/measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));
try {
  const outfile = join(scratch, 'contract-gas.mjs');
  await build({
    entryPoints: [join(root, 'bench/contract-gas/measure.ts')],
    absWorkingDir: root,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const rows = await (await import(pathToFileURL(outfile).href)).measure();
  console.log(table([['call', 'gas'], ...rows.map(({ what, gas }) => [what, gas])]));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
