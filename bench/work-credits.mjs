// Work credits simulated: who leads and earns against who works, what fall-backs save, what splitting an identity brings, and what a
// slot costs.
//   node bench/work-credits.mjs [--nodes 1000] [--epochs 12] [--seed 1]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { machine, table } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    epochs: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
  },
});
const options = { nodes: Number(values.nodes), epochs: Number(values.epochs), seed: Number(values.seed) };
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));

async function load() {
  const outfile = join(scratch, 'work-credits.mjs');
  await build({
    stdin: {
      contents: `
        export { simulate } from '@lucid/work-credits/simulate';
        export * from '@lucid/work-credits';
        export { ed25519GenerateKey } from '@lucid/crypto';
        export { bytesToHex } from '@lucid/bytes';
      `,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

const percent = (value) => `${(value * 100).toFixed(1)} %`;
const cpuSeconds = (from) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};

/** CPU microseconds to read and judge one proof with its signature, as a node does on arrival. */
function judgingCost(lib) {
  const keys = Array.from({ length: 500 }, () => lib.ed25519GenerateKey());
  const slot = 1000;
  const ts = lib.slotStartMs(slot, lib.DEFAULT_PARAMETERS);
  const proofs = keys.map(({ publicKey, secretKey }) => {
    const claim = {
      nodeId: lib.bytesToHex(publicKey),
      slot,
      ts,
      type: 'uptime_beacon',
      value: { uptimeSeconds: 120 },
    };
    return lib.taskProofBytes(lib.signTaskProof(claim, secretKey, 1337));
  });
  const registry = { isRegistered: () => true, isMember: () => false };
  const admission = { chainId: 1337, acceptedAtSlot: slot, registry, parameters: lib.DEFAULT_PARAMETERS };
  const from = process.cpuUsage();
  for (let round = 0; round < 4; round++)
    for (const bytes of proofs) {
      const read = lib.readTaskProof(bytes);
      if (!read.ok || lib.judgeTaskProof(read.proof, admission) !== null)
        throw new Error('a good proof was refused');
    }
  return (cpuSeconds(from) / (4 * proofs.length)) * 1e6;
}

try {
  const lib = await load();
  const from = process.cpuUsage();
  const report = lib.simulate(options);
  const cpu = cpuSeconds(from);
  const judging = judgingCost(lib);
  console.log(machine());
  console.log(
    `${options.nodes} nodes, ${options.epochs} epochs (${report.slots} slots), seed ${options.seed}\n`,
  );
  console.log(
    table([
      ['kind', 'nodes', 'credits', 'slots led', 'earned'],
      ...report.kinds.map(({ kind, nodes, credits, led, earned }) => [
        kind,
        nodes,
        ...[credits, led, earned].map(percent),
      ]),
    ]),
  );
  const { gini, splittingGain: gain } = report;
  const missed = report.recovered + report.lost;
  const rows = [
    [
      'slots: led by an entity / the server / nobody in time',
      `${report.led} / ${report.server} / ${report.lost}`,
    ],
    [
      'missed by the leader, recovered by a fall-back',
      `${missed}, ${percent(missed ? report.recovered / missed : 1)}`,
    ],
    ['entities that led at all', `${report.leaders} of ${options.nodes}`],
    [
      'unfairness (0: slots led in proportion to credits, 1: nothing in common)',
      report.unfairness.toFixed(3),
    ],
    ['Gini of credits / of slots led', `${gini.credits.toFixed(3)} / ${gini.led.toFixed(3)}`],
    ['gain of replay: credits against a twin', report.replayGain.toFixed(6)],
    [
      'gain of splitting in 8: credits / slots led / LUCID against a twin',
      [gain.credits, gain.led, gain.earned].map((each) => each.toFixed(3)).join(' / '),
    ],
    ['LUCID paid', String(report.minted)],
    [
      'CPU of a slot, simulated nodes included, no signatures',
      `${((cpu / report.slots) * 1000).toFixed(2)} ms`,
    ],
    ['CPU to read and judge a signed proof', `${judging.toFixed(0)} µs`],
    [
      `CPU seconds of a slot with ${options.nodes * 4} signed proofs`,
      (cpu / report.slots + options.nodes * 4 * judging * 1e-6).toFixed(3),
    ],
  ];
  console.log(`\n${table([['measure', 'value'], ...rows])}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
