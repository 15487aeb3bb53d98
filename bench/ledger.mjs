// The ledger against Tessera's POSIX driver: node bench/ledger.mjs [--seconds 5] [--rounds 3] [--size 256] [--only in-process,tessera,http]
// Entries of SIZE random bytes; our append counts when entry, tiles and a signed head that covers it are on the disk. Tessera has two
// rows: published (the same) and integrated (no signed head yet). Runs take turns; the median counts.
// CPU seconds are those of the measured process, user and system.
import { spawn } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '256' },
    outstanding: { type: 'string', default: '1024,4096' },
    only: { type: 'string', default: 'in-process,tessera,http' },
  },
});
const seconds = Number(options.seconds);
const wanted = new Set(options.only.split(','));
const scratch = mkdtempSync(join(tmpdir(), 'lucid-ledger-bench-'));
let runs = 0;

function run(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}

async function bundleOurs() {
  const outfile = join(root, 'dist/bench/ledger/in-process.mjs');
  const banner =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [join(root, 'bench/ledger/in-process.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['classic-level'],
    banner: { js: banner },
    outfile,
    logLevel: 'warning',
  });
  return async (outstanding) =>
    JSON.parse(
      await run('node', [outfile, join(scratch, `ours-${++runs}`), outstanding, seconds, options.size]),
    );
}

async function buildTessera() {
  const binary = join(root, 'dist/bench/tessera');
  await run('go', ['build', '-o', binary, '.'], { cwd: join(root, 'bench/tessera') });
  return async (outstanding, counted) => {
    const folder = join(scratch, `tessera-${++runs}`);
    const args = [folder, outstanding, seconds, options.size, counted].map(String);
    return JSON.parse(await run(binary, args));
  };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const medianOf = (results) =>
  Object.fromEntries(
    ['entriesPerSecond', 'p50Ms', 'p99Ms', 'cpuSeconds', 'cpuMicrosecondsPerEntry'].map((name) => [
      name,
      median(results.map((each) => each[name])),
    ]),
  );

const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const cells = (result) => [
  result.entriesPerSecond.toLocaleString('en'),
  result.p50Ms.toFixed(1),
  result.p99Ms.toFixed(1),
  result.cpuSeconds.toFixed(2),
  result.cpuMicrosecondsPerEntry.toFixed(1),
];

async function compareInProcess() {
  const ours = wanted.has('in-process') ? await bundleOurs() : null;
  const tessera = wanted.has('tessera') ? await buildTessera() : null;
  row([
    'outstanding',
    'who',
    'entries/s',
    'p50 ms',
    'p99 ms',
    `CPU s in ${seconds} s`,
    'CPU µs/entry',
    'times published / integrated',
  ]);
  row(Array(8).fill('---'));
  for (const outstanding of options.outstanding.split(',')) {
    const results = { published: [], integrated: [], ours: [] };
    for (let round = 0; round < Number(options.rounds); round++) {
      if (tessera) results.published.push(await tessera(outstanding, 'published'));
      if (tessera) results.integrated.push(await tessera(outstanding, 'integrated'));
      if (ours) results.ours.push(await ours(outstanding));
    }
    const peers = tessera ? [medianOf(results.published), medianOf(results.integrated)] : [];
    const times = (own) =>
      peers.map((peer) => (own.entriesPerSecond / peer.entriesPerSecond).toFixed(1)).join(' / ');
    peers.forEach((peer, index) => {
      row([
        outstanding,
        `Tessera POSIX, ${index === 0 ? 'published' : 'integrated'}`,
        ...cells(peer),
        times(peer),
      ]);
    });
    if (!ours) continue;
    const own = medianOf(results.ours);
    row([outstanding, 'ledger', ...cells(own), times(own)]);
  }
}

/** A service key pair as the kit reads it, and the token with which it calls the ledger. */
function createCaller(name) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const raw = (text) => Buffer.from(text, 'base64url').toString('base64');
  const token = () => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: name, aud: 'blockchain-ledger', op: 'appendEntry', iat: now, exp: now + 60 };
    const text = `${part({ alg: 'EdDSA', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${sign(null, Buffer.from(text), createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))).toString('base64url')}`;
  };
  return {
    secret: raw(jwk.d),
    publicKey: raw(createPublicKey(privateKey).export({ format: 'jwk' }).x),
    token,
  };
}

/** PRIVATE+KEY+NAME+ID+KEY of Go's note package, https://pkg.go.dev/golang.org/x/mod/sumdb/note. */
function signerKey(name) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  const typed = (text) => Buffer.concat([Buffer.of(1), Buffer.from(text, 'base64url')]);
  const id = createHash('sha256').update(`${name}\n`).update(typed(x)).digest('hex').slice(0, 8);
  return `PRIVATE+KEY+${name}+${id}+${typed(d).toString('base64')}`;
}

async function startService() {
  const main = join(root, 'dist/apps/blockchain-ledger/main.mjs');
  await run('node', [join(root, 'tools/build.mjs'), 'blockchain-ledger']);
  const folder = join(scratch, `http-${++runs}`);
  const [own, operator] = [createCaller('blockchain-ledger'), createCaller('operator')];
  const keyFile = join(scratch, 'service.key');
  const keyring = join(scratch, 'keyring.json');
  writeFileSync(keyFile, own.secret);
  writeFileSync(
    keyring,
    JSON.stringify({ 'blockchain-ledger': own.publicKey, operator: operator.publicKey }),
  );
  const child = spawn('node', [main], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      LUCID_SERVICE_KEY_FILE: keyFile,
      LUCID_SERVICE_KEYRING_FILE: keyring,
      LEDGER_DATA_DIR: folder,
      LEDGER_SIGNING_KEY: signerKey('lucid.invalid/bench'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
    child.stdout.on('data', (part) => {
      if (text.length < 10_000) text += part;
      const address = /"address":"(http[^"]+)"/.exec(text)?.[1];
      if (address) resolve(address);
    });
  });
  return { child, url, token: operator.token() };
}

/** User and system CPU seconds of a process so far. */
function cpuSecondsOf(pid) {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Answers per second and CPU of the service under the load of one client process; see ledger/http-load.mjs. */
async function measureLoad(child, load) {
  const before = cpuSecondsOf(child.pid);
  const result = JSON.parse(
    await run('node', [join(root, 'bench/ledger/http-load.mjs'), JSON.stringify(load)]),
  );
  const used = cpuSecondsOf(child.pid) - before;
  if (result.failed > 0) console.error(`${result.failed} failed, the first: ${result.firstFailure}`);
  return { ...result, serviceMicroseconds: (used / result.answers) * 1e6 };
}

async function measureHttp() {
  const { child, url, token } = await startService();
  const headers = { 'content-type': 'application/octet-stream', authorization: `Bearer ${token}` };
  const append = { url: `${url}/api/v1/entries`, method: 'POST', headers, sizeBytes: Number(options.size) };
  const loads = [
    ['GET of the checkpoint', { url: `${url}/api/v1/checkpoint`, connections: 64, pipelining: 4 }],
    ['append, proof and checkpoint in the answer', { ...append, connections: 128, pipelining: 4 }],
    ['append, proof and checkpoint in the answer', { ...append, connections: 256, pipelining: 1 }],
  ];
  try {
    await measureLoad(child, { ...append, connections: 64, pipelining: 2, seconds: 2 });
    row([
      'over TCP, LOG_LEVEL=info',
      'connections × pipelined',
      'answers/s',
      'p50 ms',
      'p99 ms',
      'failed',
      'service CPU µs/answer',
      'client CPU µs/answer',
      'answer bytes',
    ]);
    row(Array(9).fill('---'));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const [name, load] of loads) {
        const result = await measureLoad(child, { ...load, seconds });
        row([
          name,
          `${load.connections} × ${load.pipelining}`,
          result.answersPerSecond.toLocaleString('en'),
          result.p50Ms.toFixed(1),
          result.p99Ms.toFixed(1),
          result.failed,
          result.serviceMicroseconds.toFixed(1),
          result.clientCpuMicroseconds.toFixed(1),
          result.bytesPerAnswer,
        ]);
      }
    }
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
}

try {
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${options.size}-byte entries\n`,
  );
  if (wanted.has('in-process') || wanted.has('tessera')) await compareInProcess();
  console.log('');
  if (wanted.has('http')) await measureHttp();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
