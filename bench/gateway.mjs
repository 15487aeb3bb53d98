// The gateway against nginx and a bare Fastify proxy before the same upstream (an nginx that answers a fixed text), one after
// the other in the same run, 50 connections: requests a second, 99th percentile, CPU time of the proxy. Only the gateway checks
// tokens, counts limits and routes; each gets the same requests, of so many accounts that none comes near its limit.
//   node tools/build.mjs api-gateway && node bench/gateway.mjs [--seconds 8] [--rounds 3] [--redis]
// Needs nginx and wrk (Debian packages nginx-light, wrk); --redis: redis-server, too. Linux: reads /proc.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createSigner } from 'fast-jwt';
import { startRedis } from '../tools/test-servers.mjs';
import { has, machine, median, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    redis: { type: 'boolean', default: false },
  },
});
for (const program of ['nginx', 'wrk'])
  if (!has(program)) throw new Error(`${program} is missing: apt-get install nginx-light wrk`);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'lucid-bench-'));
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const THREADS = 10;
const CONNECTIONS = 50;
/** Of the 500 a minute that a user has. */
const REQUESTS_AN_ACCOUNT = 400;
const ACCOUNTS = Math.ceil((20_000 * seconds) / REQUESTS_AN_ACCOUNT / THREADS) * THREADS;
const children = [];

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function listening(port) {
  for (let tries = 0; tries < 500; tries++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(socket.destroy()));
      socket.once('error', () => resolve(null));
    });
    if (open) return;
    await delay(20);
  }
  throw new Error(`nothing listens on ${port}`);
}

async function start(port, command, args, env = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  await listening(port);
  return child.pid;
}

/** Master in the foreground with one worker. Returns the worker's process. */
async function startNginx(name, port, http) {
  const folder = join(scratch, name);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((each) => `${each}_temp_path ${folder}-${each};`)
    .join(' ');
  const user = process.getuid() === 0 ? 'user root;' : '';
  const text = `${user} worker_processes 1; daemon off; pid ${folder}.pid; error_log ${folder}.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; ${temporary} ${http(port)} }`;
  writeFileSync(`${folder}.conf`, text);
  const master = await start(port, 'nginx', ['-c', `${folder}.conf`, '-e', `${folder}.log`]);
  return Number(readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ')[0]);
}

const ANSWER = JSON.stringify({
  sessions: Array.from({ length: 4 }, (_, id) => ({ id, state: 'recording' })),
});
const answering = (port) =>
  `server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${ANSWER}'; } }`;
const proxying = (upstream) => (port) =>
  `upstream up { server 127.0.0.1:${upstream}; keepalive 64; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } }`;

async function startFastify(upstream) {
  const port = await freePort();
  const from = pathToFileURL(join(root, 'package.json'));
  const script = `
import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(from.href)});
const app = require('fastify')({ logger: false });
app.register(require('@fastify/http-proxy'), { upstream: 'http://127.0.0.1:${upstream}' });
await app.listen({ host: '127.0.0.1', port: ${port} });`;
  return { port, pid: await start(port, process.execPath, ['--input-type=module', '-e', script]) };
}

/** Keys and revocations, as `authentication` gives them; in a process of its own, because this one waits for the load. */
async function startAuthentication(x) {
  const port = await freePort();
  const keys = JSON.stringify({
    keys: [{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid: 'bench', x }],
  });
  const script = `
import { createServer } from 'node:http';
createServer(({ url }, response) => {
  response.setHeader('content-type', 'application/json');
  if (url.includes('jwks')) response.end(${JSON.stringify(keys)});
  else setTimeout(() => response.end('{"revoked":[],"next":0}'), 1000);
}).listen(${port}, '127.0.0.1');`;
  await start(port, process.execPath, ['--input-type=module', '-e', script]);
  return port;
}

async function startGateway(upstream, authentication, redisUrl) {
  const port = await freePort();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = join(scratch, 'service.key');
  const keyring = join(scratch, 'keyring.json');
  writeFileSync(key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(
    keyring,
    JSON.stringify({
      'api-gateway': Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url').toString('base64'),
    }),
  );
  const pid = await start(port, process.execPath, [join(root, 'dist/apps/api-gateway/main.mjs')], {
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_TLS: 'off',
    LUCID_SERVICE_KEY_FILE: key,
    LUCID_SERVICE_KEYRING_FILE: keyring,
    AUTHENTICATION_URL: `http://127.0.0.1:${authentication}`,
    SESSION_API_URL: `http://127.0.0.1:${upstream}`,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  });
  return { port, pid };
}

/** Tokens of as many accounts as a round needs, one a line. */
function writeTokens(sign, round) {
  const iat = Math.floor(Date.now() / 1000);
  const tokens = Array.from({ length: ACCOUNTS }, (_, index) =>
    sign({
      iss: 'lucid',
      aud: 'lucid',
      sub: `TBench${round}x${index}`,
      role: 'USER',
      profile: 'user',
      lid: randomUUID(),
      jti: randomUUID(),
      iat,
      exp: iat + 900,
    }),
  );
  writeFileSync(join(scratch, `tokens-${round}`), tokens.join('\n'));
}

const LUA = `
local threads = 0
function setup(thread) thread:set('id', threads); threads = threads + 1 end
function init(args)
  requests, at, used = {}, 1, 0
  local index = 0
  for token in io.lines(args[1]) do
    if index % ${THREADS} == id then
      requests[#requests + 1] = wrk.format('GET', '/api/v1/sessions', { Authorization = 'Bearer ' .. token })
    end
    index = index + 1
  end
end
function request()
  used = used + 1
  if used > ${REQUESTS_AN_ACCOUNT} then used = 1; at = at % #requests + 1 end
  return requests[at]
end`;

/** CPU seconds of a process so far (proc(5) stat: utime, stime in ticks of 10 ms). */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const UNITS = { us: 0.001, ms: 1, s: 1000 };

function load({ port, pid }, round, forSeconds) {
  const before = cpuOf(pid);
  const { out } = run(
    `wrk -t ${THREADS} -c ${CONNECTIONS} -d ${forSeconds}s --latency -s ${scratch}/load.lua http://127.0.0.1:${port} -- ${scratch}/tokens-${round}`,
  );
  const cpuS = cpuOf(pid) - before;
  const failed = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(out);
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(out);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]),
    p99Ms: Number(value) * UNITS[unit],
    cpuUs: (cpuS * 1e6) / Number(/(\d+) requests in/.exec(out)[1]),
    failed: failed ? failed[0] : '',
  };
}

const redis = options.redis ? await startRedis() : undefined;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const sign = createSigner({
  key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  algorithm: 'EdDSA',
  header: { alg: 'EdDSA', typ: 'at+jwt', kid: 'bench' },
});
const authentication = await startAuthentication(publicKey.export({ format: 'jwk' }).x);
try {
  writeFileSync(join(scratch, 'load.lua'), LUA);
  const upstream = await freePort();
  await startNginx('upstream', upstream, answering);
  const nginxPort = await freePort();
  const peers = {
    nginx: { port: nginxPort, pid: await startNginx('proxy', nginxPort, proxying(upstream)) },
    '@fastify/http-proxy': await startFastify(upstream),
    'api-gateway': await startGateway(upstream, authentication, redis?.url),
  };
  const results = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    writeTokens(sign, round);
    for (const [name, peer] of Object.entries(peers)) {
      // The first round warms up.
      const result = load(peer, round, round === 0 ? 3 : seconds);
      if (result.failed) throw new Error(`${name}: ${result.failed}`);
      if (round > 0) results[name].push(result);
    }
  }
  const middle = (name, field) => median(results[name].map((each) => each[field]));
  const rows = Object.keys(peers).map((name) => {
    const perSecond = middle(name, 'perSecond');
    const p99 = middle(name, 'p99Ms');
    return [
      name,
      Math.round(perSecond),
      (perSecond / middle('nginx', 'perSecond')).toFixed(2),
      (perSecond / middle('@fastify/http-proxy', 'perSecond')).toFixed(2),
      p99.toFixed(1),
      (p99 / middle('nginx', 'p99Ms')).toFixed(2),
      middle(name, 'cpuUs').toFixed(0),
    ];
  });
  console.log(
    `${machine()}; ${CONNECTIONS} connections, ${seconds} s, median of ${rounds} rounds${redis ? ', limits in Redis' : ''}\n`,
  );
  console.log(
    table([
      ['proxy', 'requests/s', 'of nginx', 'of Fastify', 'p99 ms', 'of nginx', 'CPU us/request'],
      ...rows,
    ]),
  );
} finally {
  for (const child of children) child.kill('SIGTERM');
  await redis?.stop();
  rmSync(scratch, { recursive: true, force: true });
}
