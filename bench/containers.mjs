// Containers beside one process: start of layers 0 and 1, first answer of a service, idle memory, the evidence pipeline.
//   npx nx run-many -t docker-build && node bench/containers.mjs [--mb 100] [--rounds 3] [--chunk-bytes 1048576]   (Linux, root, Docker)
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { machine, median, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    'chunk-bytes': { type: 'string', default: '1048576' },
  },
});
const GOALS = { upS: 20, firstAnswerS: 0.7, idleMb: 40, pipeline: 0.5 };
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(root, 'dist/bench/containers.mjs');
await build({
  entryPoints: [join(root, 'bench/containers/main.ts')],
  ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, logLevel: 'warning' },
  external: ['lmdb', 'classic-level', '@aws-sdk/*', '@lydell/node-pty'],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
const run = spawnSync(process.execPath, [outfile, root, options.mb, options.rounds, options['chunk-bytes']], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (run.status !== 0) process.exit(run.status ?? 1);
const { upS, firstAnswerS, idleMb, containersMbPerS, oneProcessMbPerS } = JSON.parse(run.stdout);

const most = (figures) => Object.entries(figures).sort(([, a], [, b]) => b - a)[0];
const apps = Object.fromEntries(Object.entries(idleMb).filter(([name]) => name in firstAnswerS));
const [slowest, slowestS] = most(firstAnswerS);
const [largest, largestMb] = most(apps);
const ratio = median(containersMbPerS) / median(oneProcessMbPerS);
const row = (what, figure, goal, reached) => [what, figure, goal, reached ? 'yes' : 'no'];
console.log(machine());
console.log(
  table([
    ['what', 'figure', 'goal', 'reached'],
    row('layers 0 and 1, up and healthy', `${upS.toFixed(1)} s`, `${GOALS.upS} s`, upS <= GOALS.upS),
    row(
      `start of a container to its first answer: median, slowest (${slowest})`,
      `${median(Object.values(firstAnswerS)).toFixed(2)} s, ${slowestS.toFixed(2)} s`,
      `${GOALS.firstAnswerS} s`,
      slowestS <= GOALS.firstAnswerS,
    ),
    row(
      `memory charged to an idle service: median, most (${largest})`,
      `${median(Object.values(apps)).toFixed(0)} MB, ${largestMb.toFixed(0)} MB`,
      `${GOALS.idleMb} MB`,
      largestMb <= GOALS.idleMb,
    ),
    row(
      `evidence pipeline, ${options.mb} MB a session: containers, one process, ratio`,
      `${median(containersMbPerS).toFixed(0)} MB/s, ${median(oneProcessMbPerS).toFixed(0)} MB/s, ${ratio.toFixed(2)}`,
      `${GOALS.pipeline}`,
      ratio >= GOALS.pipeline,
    ),
  ]),
);
console.log(
  '\nMB charged, every container: '.concat(
    Object.entries(idleMb)
      .map(([name, mb]) => `${name} ${mb.toFixed(0)}`)
      .join(', '),
  ),
);
