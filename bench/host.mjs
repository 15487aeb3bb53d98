// The all-in-one host: time to ready, idle memory, CPU and disk growth of an idle recording, peak memory of a seal.
//   node bench/host.mjs [--idle-s 60] [--seal-mb 1000]      (Linux: reads /proc)
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dataSet } from './lib/data-sets.mjs';
import { machine, median, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: { 'idle-s': { type: 'string', default: '60' }, 'seal-mb': { type: 'string', default: '1000' } },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = join(root, 'dist/apps/lucid/main.mjs');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));
const env = { ...process.env, LUCID_HOME: join(scratch, 'home') };

const statusOf = (pid, field) =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
/** CPU seconds of a process so far (proc(5) stat: utime, stime in ticks of 10 ms). */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const ended = (child) => new Promise((resolve) => child.once('exit', resolve));

async function start(...args) {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return child;
}

async function upFigures() {
  const startedMs = performance.now();
  const child = await start('up', '--json', '--port', '0');
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const readyMs = performance.now() - startedMs;
  await delay(3000);
  const idle = statusOf(child.pid, 'VmRSS');
  const before = cpuOf(child.pid);
  await delay(10_000);
  const idleCpu = (cpuOf(child.pid) - before) * 10;
  child.kill('SIGTERM');
  await ended(child);
  return { readyMs, idle, idleCpu };
}

async function idleRecording(seconds) {
  const child = await start('record', '-q', '--json', '--', 'sleep', String(seconds + 4));
  await delay(3000);
  const before = cpuOf(child.pid);
  await delay(seconds * 1000);
  const cpu = cpuOf(child.pid) - before;
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  await ended(child);
  const result = JSON.parse(out.trim().split('\n').at(-1));
  return { percent: (cpu / seconds) * 100, bytes: statSync(result.bundle).size };
}

async function sealPeak(megabytes) {
  const file = dataSet('system', scratch, megabytes * 1_000_000);
  const child = await start('seal', file, '--json');
  let peak = 0;
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, statusOf(child.pid, 'VmHWM'));
    } catch {
      // it has ended
    }
  }, 20);
  await ended(child);
  clearInterval(watch);
  return peak;
}

try {
  run(`: | node ${program} seal -`, { env });
  const ups = [await upFigures(), await upFigures(), await upFigures()];
  const idle = await idleRecording(Number(options['idle-s']));
  const peak = await sealPeak(Number(options['seal-mb']));
  console.log(machine());
  console.log(
    table([
      ['what', 'figure'],
      ['start of the host to ready', `${median(ups.map((each) => each.readyMs)).toFixed(0)} ms`],
      ['idle memory of the host (RSS)', `${median(ups.map((each) => each.idle)).toFixed(0)} MB`],
      ['idle CPU of the host', `${median(ups.map((each) => each.idleCpu)).toFixed(2)} % of one core`],
      [
        `idle terminal session, ${options['idle-s']} s`,
        `${idle.percent.toFixed(2)} % of one core, evidence of ${idle.bytes} bytes`,
      ],
      [`peak memory of seal, ${options['seal-mb']} MB`, `${peak.toFixed(0)} MB`],
    ]),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
