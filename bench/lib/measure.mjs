// Runs whole commands and tells wall and CPU seconds of the whole process tree (bash's `time`, so pipelines count too).
import { spawnSync } from 'node:child_process';

/** Runs a shell line; throws where it fails. `wallS`, `cpuS` in seconds; `out` is its standard output. */
export function run(line, { env = {}, cwd = process.cwd() } = {}) {
  const script = `TIMEFORMAT=$'\\n@time %3R %3U %3S'; time { ${line}\n}`;
  const result = spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const [, wall, user, sys] = /@time ([\d.]+) ([\d.]+) ([\d.]+)\s*$/.exec(result.stderr) ?? [];
  if (result.status !== 0 || wall === undefined)
    throw new Error(`failed (${result.status}): ${line}\n${result.stderr}`);
  return { wallS: Number(wall), cpuS: Number(user) + Number(sys), out: result.stdout };
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

export const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Columns padded; the first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row) => `| ${row.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`;
  return [
    line(rows[0]),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.slice(1).map(line),
  ].join('\n');
}

export const machine = () =>
  `${spawnSync('sh', ['-c', "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2; nproc; uname -r"], { encoding: 'utf8' }).stdout.trim().split('\n').join(', ')}, Node ${process.version}`;
