// How long the host takes to be ready with a long chain behind it: node bench/chain-restart.mjs [--blocks 100000] [--rounds 5]
// Needs `node tools/build.mjs lucid`. Blocks of one transfer each are made, imported by `lucid chain import`, and `lucid up` is begun and ended
// again and again; beside it the same host with the genesis alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildProgram } from './lib/build-program.mjs';
import { machine, median, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: { blocks: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const program = join(dirname(fileURLToPath(import.meta.url)), '../dist/apps/lucid/main.mjs');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-restart-'));
const home = join(scratch, 'home');
const env = { ...process.env, LUCID_HOME: home };
/** The chain begins this long ago, so that no block is of the future. */
const BEGUN_SEC = 1_700_000_000;

/** Milliseconds from start to `ready`, and CPU seconds of it (proc(5) stat, ticks of 10 ms). */
async function startOnce() {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program, 'up', '--json', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const readyMs = performance.now() - startedMs;
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { readyMs, cpuS: (Number(fields[11]) + Number(fields[12])) / 100 };
}

async function starts(blocks) {
  const all = [];
  for (let round = 0; round < Number(options.rounds); round++) all.push(await startOnce());
  const of = (field) => median(all.map((each) => each[field]));
  const longest = Math.max(...all.map(({ readyMs }) => readyMs));
  return [blocks, of('readyMs').toFixed(0), longest.toFixed(0), of('cpuS').toFixed(2)];
}

try {
  const fresh = await starts('0');
  const genesisPath = join(home, 'chain/genesis.json');
  const genesis = JSON.parse(readFileSync(genesisPath, 'utf8'));
  for (const folder of ['chain/vm', 'chain/node', 'ledger', 'documents'])
    rmSync(join(home, folder), { recursive: true, force: true });
  writeFileSync(genesisPath, JSON.stringify({ ...genesis, timestamp: `0x${BEGUN_SEC.toString(16)}` }));
  const file = join(scratch, 'blocks.rlp');
  const maker = await buildProgram('chain-restart/make-chain.ts');
  run(`node ${maker} ${genesisPath} ${join(home, 'keys/chain.key')} ${options.blocks} ${file}`);
  const { wallS, cpuS } = run(`node ${program} chain import ${file}`, { env });
  console.log(machine());
  console.log(
    table([['blocks', 'ready ms (median)', 'longest', 'CPU s'], fresh, await starts(options.blocks)]),
  );
  console.log(`import of them: ${wallS.toFixed(1)} s, CPU ${cpuS.toFixed(1)} s`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
