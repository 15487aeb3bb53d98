// What live recording costs over a bare recorder: a command that prints a long log, recorded by Lucid, asciinema and script.
//   node bench/record.mjs [--mb 100] [--rounds 5]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dataSet } from './lib/data-sets.mjs';
import { has, machine, median, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: { mb: { type: 'string', default: '100' }, rounds: { type: 'string', default: '5' } },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));
const sizeBytes = Number(options.mb) * 1_000_000;
const env = { LUCID_HOME: join(scratch, 'home') };

try {
  const log = dataSet('terminal', scratch, sizeBytes);
  const lucid = `node ${join(root, 'dist/apps/lucid/main.mjs')}`;
  run(`: | ${lucid} seal -`, { env });
  const programs = {
    lucid: `${lucid} record -q -- cat ${log} > /dev/null`,
    asciinema: `asciinema rec -q --overwrite -c 'cat ${log}' ${join(scratch, 'a.cast')} > /dev/null < /dev/null`,
    script: `script -q -c 'cat ${log}' ${join(scratch, 's.log')} > /dev/null`,
  };
  const present = Object.entries(programs).filter(([name]) => name === 'lucid' || has(name));
  const figures = Object.fromEntries(present.map(([name]) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, line] of present) figures[name].push(run(line, { env }));
  }
  const cpu = (name) => median(figures[name].map((each) => each.cpuS));
  const overhead = (name) =>
    median(figures.lucid.map((each, round) => (each.cpuS - figures[name][round].cpuS) / (sizeBytes / 1e9)));
  console.log(`${machine()}; ${options.mb} MB of terminal output, median of ${options.rounds} rounds`);
  console.log(
    table([
      ['recorder', 'CPU s', 'wall s', 'Lucid over it, CPU s a GB'],
      ...present.map(([name]) => [
        name,
        cpu(name).toFixed(2),
        median(figures[name].map((each) => each.wallS)).toFixed(2),
        name === 'lucid' ? '' : overhead(name).toFixed(2),
      ]),
    ]),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
