// One chunk at random out of a bundle: time and CPU from its number to its plain bytes, with the bundle and the session key open.
//   node bench/random-chunk.mjs [--mb 250] [--count 2000] [--sets system,random]
// Chunks are drawn uniformly; the file was written just before, so it lies in the page cache where that is large enough.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { dataSet } from './lib/data-sets.mjs';
import { machine, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '250' },
    count: { type: 'string', default: '2000' },
    sets: { type: 'string', default: 'system,random' },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lucid = `node ${join(root, 'dist/apps/lucid/main.mjs')}`;
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));
const env = { LUCID_HOME: join(scratch, 'home') };

async function bundleReader() {
  const outfile = join(root, 'dist/bench/random-chunk/in-process.mjs');
  await build({
    entryPoints: [join(root, 'bench/random-chunk/in-process.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb', 'classic-level', '@lydell/node-pty'],
    banner: {
      js: "import { createRequire as require_ } from 'node:module'; const require = require_(import.meta.url);",
    },
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}

function measure(reader, name) {
  const file = dataSet(name, scratch, Number(options.mb) * 1_000_000);
  const { bundle } = JSON.parse(run(`${lucid} seal ${file} --json`, { env }).out);
  rmSync(file);
  const identity = join(env.LUCID_HOME, 'keys/owner.agekey');
  const result = JSON.parse(run(`node ${reader} ${bundle} ${identity} ${options.count}`).out);
  rmSync(bundle);
  return result;
}

try {
  const reader = await bundleReader();
  const rows = options.sets.split(',').map((name) => {
    const { chunks, meanBytes, medianMs, p99Ms, maxMs, cpuMs } = measure(reader, name);
    return [
      name,
      `${chunks} of ${(meanBytes / 1024).toFixed(0)} KiB`,
      ...[medianMs, p99Ms, maxMs, cpuMs].map((each) => each.toFixed(2)),
    ];
  });
  console.log(`${machine()}; ${options.count} chunks of a bundle of ${options.mb} MB`);
  console.log(table([['set', 'chunks', 'median ms', 'p99 ms', 'max ms', 'CPU ms a chunk'], ...rows]));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
