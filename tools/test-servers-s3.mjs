// A real S3 server for tests: versitygw (github.com/versity/versitygw, Apache-2.0) on a folder of its own, on loopback.
// It is built once with `go install` (about 75 s) into node_modules/.cache/lucid and is never part of the product.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNoGo } from './go.mjs';

const VERSION = 'v1.8.0';
const CACHE = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', '.cache', 'lucid');
const BINARY = join(CACHE, `versitygw-${VERSION}`);

/** Why no server can be had here, or null; builds it where it is not there yet. */
export function whyNoS3() {
  if (existsSync(BINARY)) return null;
  const noGo = whyNoGo();
  if (noGo) return `versitygw: ${noGo}`;
  try {
    buildS3();
    return null;
  } catch (error) {
    return error.message;
  }
}

/** Path of the binary; builds it where it is not there yet. */
export function buildS3() {
  if (existsSync(BINARY)) return BINARY;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'build-'));
  try {
    const built = spawnSync('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
      env: { ...process.env, GOBIN: folder },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (built.status !== 0) throw new Error('building versitygw failed; see the output above');
    renameSync(join(folder, 'versitygw'), BINARY);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return BINARY;
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

async function whenListening(child, port, output) {
  for (const startedAt = Date.now(); Date.now() - startedAt < 30_000; ) {
    if (child.exitCode !== null) throw new Error(`versitygw ended: ${output()}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`versitygw did not listen within 30 s: ${output()}`);
}

/**
 * Starts a server: `{ endpoint, accessKey, secretKey, region, folder, stop }`. Objects lie as files under folder/BUCKET/KEY, so a
 * test can damage one. stop() ends the server and removes its data.
 */
export async function startS3() {
  const binary = buildS3();
  const folder = mkdtempSync(join(tmpdir(), 'lucid-s3-'));
  const accessKey = `test${randomBytes(6).toString('hex')}`;
  const secretKey = randomBytes(20).toString('hex');
  const port = await freePort();
  const region = 'us-east-1';
  let text = '';
  const child = spawn(binary, ['--port', `127.0.0.1:${port}`, '--region', region, 'posix', folder], {
    env: { PATH: process.env.PATH, ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => (text = (text + data).slice(-4000)));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await whenListening(child, port, () => text);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${port}`, accessKey, secretKey, region, folder, stop };
}
