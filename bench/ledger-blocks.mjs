// Blocks in the ledger's store: node bench/ledger-blocks.mjs [--blocks 20] [--transactions 2000] [--range 0] [--transfers 4] [--prof]
// Token transfers (one log with three topics each) on LevelDB, without the log behind it. CPU milliseconds are those of the whole
// process, user and system, LevelDB's own thread included; medians. --range N also searches in N blocks of some transfers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    blocks: { type: 'string', default: '20' },
    transactions: { type: 'string', default: '2000' },
    range: { type: 'string', default: '0' },
    transfers: { type: 'string', default: '4' },
    prof: { type: 'boolean', default: false },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'lucid-blocks-bench-'));
const flags = options.prof ? ['--cpu-prof', `--cpu-prof-dir=${join(root, 'dist/bench/ledger-blocks')}`] : [];

async function run(name, args) {
  const outfile = join(root, `dist/bench/ledger-blocks/${name}.mjs`);
  await build({
    entryPoints: [join(root, `bench/ledger-blocks/${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['classic-level'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile,
    logLevel: 'warning',
  });
  const { status } = spawnSync('node', [...flags, outfile, scratch, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
}

try {
  await run('in-process', [options.blocks, options.transactions]);
  if (options.range !== '0') await run('search-range', [options.range, options.transfers]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
