// Execution and commit inside the chain's state machine, on LevelDB: node bench/chain-application.mjs [--blocks 10] [--transactions 1200]
// [--execution-apis FOLDER] [--prof]. Plain transfers and registerSession, with senders that workers recovered and without; CPU is that of the
// whole process, LevelDB's thread included. FOLDER (chain.rlp, genesis.json of ethereum/execution-apis) adds the import of that chain.
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
    blocks: { type: 'string', default: '10' },
    transactions: { type: 'string', default: '1200' },
    'execution-apis': { type: 'string', default: '' },
    prof: { type: 'boolean', default: false },
  },
});
const folder = join(root, 'dist/bench/chain-application');
const outfile = join(folder, 'in-process.mjs');
// Packages of others are loaded as they are: some find their WebAssembly beside them.
const foreign = {
  name: 'foreign',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@lucid/') ? undefined : { path, external: true },
    ),
};
await build({
  entryPoints: [join(root, 'bench/chain-application/in-process.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile,
  logLevel: 'warning',
  plugins: [foreign],
});
const scratch = mkdtempSync(join(tmpdir(), 'lucid-chain-bench-'));
const flags = options.prof ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
const args = [scratch, options.blocks, options.transactions, options['execution-apis']];
const { status } = spawnSync('node', [...flags, outfile, ...args], { stdio: 'inherit' });
rmSync(scratch, { recursive: true, force: true });
process.exitCode = status ?? 1;
