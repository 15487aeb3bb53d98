// Real servers for tests, on loopback and in folders of their own; never a part of the product.
// - MongoDB's wire protocol: FerretDB over SQLite (tools/ferretdb), built once with Go into node_modules/.cache/lucid (about 60 s).
// - Redis: the redis-server of the system (Debian package redis-server).
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNoGo } from './go.mjs';

const TOOLS = dirname(fileURLToPath(import.meta.url));
const CACHE = join(TOOLS, '..', 'node_modules', '.cache', 'lucid');
const FERRETDB = join(TOOLS, 'ferretdb');
const START_TIMEOUT_MS = 30_000;

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function ferretBinary() {
  const hash = createHash('sha256');
  for (const name of readdirSync(FERRETDB).sort()) hash.update(readFileSync(join(FERRETDB, name)));
  return join(CACHE, `ferretdb-${hash.digest('hex').slice(0, 16)}`);
}

/** Why no MongoDB wire server can be had here, or null. */
export function whyNoMongoWire() {
  const noGo = existsSync(ferretBinary()) ? null : whyNoGo();
  return noGo && `FerretDB: ${noGo}`;
}

/** Why no Redis can be had here, or null. */
export const whyNoRedis = () =>
  works('redis-server', ['--version']) ? null : 'redis-server is not installed';

/** Path of FerretDB; builds it where it is not there yet. */
export function buildMongoWire() {
  const binary = ferretBinary();
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'build-'));
  try {
    const output = join(folder, 'ferretdb');
    const built = spawnSync(
      'go',
      ['build', '-trimpath', '-tags', 'ferretdb_no_postgresql', '-o', output, '.'],
      {
        cwd: FERRETDB,
        env: { ...process.env, CGO_ENABLED: '0' },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    if (built.status !== 0) throw new Error('building FerretDB failed; see the output above');
    renameSync(output, binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return binary;
}

/** Starts `command` with a folder for its data; `stop` ends it and removes the folder. */
function start(command, argsFor) {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-server-'));
  const child = spawn(command, argsFor(folder), { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => (text = (text + data).slice(-4000)));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { child, stop, ended, output: () => text };
}

/** Resolves to the first match in the output. */
function printed({ child, ended, output }, pattern, what) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = output().match(pattern);
      if (match) done(() => resolve(match));
    };
    const failed = (why) => done(() => reject(new Error(`${what} ${why}: ${output()}`)));
    const timer = setTimeout(() => failed('did not start in time'), START_TIMEOUT_MS);
    const done = (then) => {
      clearTimeout(timer);
      child.stdout.off('data', look);
      then();
    };
    child.stdout.on('data', look);
    ended.then(() => failed('ended'));
    look();
  });
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Answers once; FerretDB prints its address a moment before it listens. */
async function whenListening(port, startedAtMs = Date.now()) {
  const accepted = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && resolve(true));
    socket.once('error', () => resolve(false));
  });
  if (accepted) return;
  if (Date.now() - startedAtMs > START_TIMEOUT_MS) throw new Error(`nothing listens on port ${port}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await whenListening(port, startedAtMs);
}

async function orStop(server, ready) {
  try {
    return await ready;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** `{ url, stop }` of an empty server. Each caller takes a database of its own: `new URL(name, url)`. */
export async function startMongoWire() {
  const server = start(buildMongoWire(), (folder) => [folder]);
  const [, port] = await orStop(server, printed(server, /mongodb:\/\/127\.0\.0\.1:(\d+)\//, 'FerretDB'));
  await orStop(server, whenListening(Number(port)));
  return { url: `mongodb://127.0.0.1:${port}/`, stop: server.stop };
}

/** `{ url, port, stop }` of an empty server; `port` starts it where another was. */
export async function startRedis(options = {}) {
  const port = options.port ?? (await freePort());
  const server = start('redis-server', (folder) => [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
    ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
  ]);
  await orStop(server, printed(server, /Ready to accept connections/, 'redis-server'));
  return { url: `redis://127.0.0.1:${port}/`, port, stop: server.stop };
}
