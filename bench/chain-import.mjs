// Import of a public chain through every fork: LUCID_EXECUTION_APIS=FOLDER node bench/chain-import.mjs [--rounds 3]
// FOLDER holds genesis.json and chain.rlp of github.com/ethereum/execution-apis, tests/. Each round is a process of its own; all of it is durable.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram } from './lib/build-program.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const source = process.env.LUCID_EXECUTION_APIS;
if (!source) throw new Error('LUCID_EXECUTION_APIS names no folder');
const program = await buildProgram('chain-import/program.ts');
for (let round = 0; round < Number(options.rounds); round++) {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-import-'));
  const { stdout, status } = spawnSync('node', [program, source, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`it ended with ${status}`);
  process.stdout.write(stdout);
  rmSync(folder, { recursive: true, force: true });
}
