// Sign-ins a second of one authentication service over HTTP, documents in LMDB in a folder, every answer with tokens; CPU seconds are
// those of the service alone (Linux: reads /proc), whoever signs runs beside it.
//   node tools/build.mjs authentication && node bench/logins.mjs [--logins 4000] [--users 1000] [--parallel 32]
//   node bench/logins.mjs --rotation [--requests 200000] [--rotations 40]   requests while the signing key changes
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { machine, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: {
    logins: { type: 'string', default: '4000' },
    users: { type: 'string', default: '1000' },
    parallel: { type: 'string', default: '32' },
    rotation: { type: 'boolean', default: false },
    requests: { type: 'string', default: '200000' },
    rotations: { type: 'string', default: '40' },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));

async function bundle(name) {
  const outfile = join(root, 'dist/bench/logins', `${name}.mjs`);
  await build({
    entryPoints: [join(root, 'bench/logins', `${name}.ts`)],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, logLevel: 'warning' },
    external: ['lmdb', 'mongodb', 'ioredis', 'classic-level', '@aws-sdk/client-s3', 'tiny-secp256k1', 'pino'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Seconds of a process so far (proc(5) stat: utime, stime in ticks of 10 ms). */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

async function startService(port) {
  const made = spawnSync(process.execPath, ['tools/make-secrets.mjs', join(scratch, 'secrets')], {
    cwd: root,
  });
  if (made.status !== 0) throw new Error(String(made.stderr));
  const service = spawn(process.execPath, [join(root, 'dist/apps/authentication/main.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'error', AUTH_REGISTRATION: 'open' },
      LUCID_SERVICE_KEY_FILE: join(scratch, 'secrets/authentication_key'),
      LUCID_SERVICE_KEYRING_FILE: join(scratch, 'secrets/keyring'),
      LUCID_DOCUMENTS_URL: join(scratch, 'documents'),
      AUTH_SECRET_FILE: join(scratch, 'secrets/auth_secret'),
      AUTHENTICATION_URL: `http://127.0.0.1:${port}`,
      ON_SYSTEM_CHAIN_CLIENT_URL: 'http://127.0.0.1:9',
    },
  });
  for (let tries = 0; tries < 200; tries++) {
    const up = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (up?.ok) return service;
    await delay(50);
  }
  throw new Error('the service does not come up');
}

async function measure(service, port) {
  const load = spawn(
    process.execPath,
    [await bundle('load'), `http://127.0.0.1:${port}`, options.users, options.logins, options.parallel],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const part = async () => {
    const before = cpuOf(service.pid);
    const line = await new Promise((resolve, reject) => {
      load.stdout.once('data', resolve);
      load.once('exit', () => reject(new Error('the load failed')));
    });
    const { wallMs } = JSON.parse(line);
    return { wallS: wallMs / 1000, cpuS: cpuOf(service.pid) - before };
  };
  const registered = await part();
  const going = part();
  load.stdin.write('go');
  const signedIn = await going;
  load.removeAllListeners('exit');
  load.stdin.write('go');
  return { registered, signedIn };
}

if (options.rotation) {
  const args = [await bundle('rotation'), join(scratch, 'rotation'), options.requests, options.rotations];
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  rmSync(scratch, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
  const { outcomes, keyFetches, unknown, fetchesForUnknown } = JSON.parse(stdout);
  console.log(machine());
  console.log(
    `${options.rotations} rotations, outcomes of requests: ${JSON.stringify(outcomes)}, ${keyFetches} fetches of keys`,
  );
  console.log(`1,000 unknown kids: ${unknown.join(', ')}, ${fetchesForUnknown} fetch of keys`);
  process.exit(0);
}
const port = await freePort();
const service = await startService(port);
try {
  const { registered, signedIn } = await measure(service, port);
  const row = (name, count, { wallS, cpuS }) => [
    ...[name, count, wallS.toFixed(1), cpuS.toFixed(1)],
    ...[Math.round(count / wallS), Math.round(count / cpuS)],
  ];
  console.log(machine());
  console.log(
    table([
      ['', 'sign-ins', 'wall s', 'CPU s', 'a second', 'a CPU second'],
      row('register (challenge and signature)', Number(options.users), registered),
      row('login (challenge and signature)', Number(options.logins), signedIn),
    ]),
  );
  const parts = spawnSync(process.execPath, [await bundle('parts')], { encoding: 'utf8' });
  const figures = Object.entries(JSON.parse(parts.stdout));
  console.log(table([['part', 'microseconds'], ...figures.map(([name, us]) => [name, us.toFixed(0)])]));
} finally {
  service.kill('SIGTERM');
  await new Promise((resolve) => service.once('exit', resolve));
  rmSync(scratch, { recursive: true, force: true });
}
