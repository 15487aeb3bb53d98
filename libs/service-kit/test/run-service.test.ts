import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createClient,
  createHttpTransport,
  createServiceKeys,
  createTokenSource,
  type ServiceKey,
  systemClock,
} from '../src/index.ts';
import { bundleProgram } from './bundle.ts';
import { notesContract } from './sample-service.ts';

const folder = mkdtempSync(join(tmpdir(), 'lucid-kit-'));
const { keys } = createServiceKeys(['notes', 'operator']);
const keyOf = (caller: string): ServiceKey => keys.get(caller) as ServiceKey;
const socketPath = join(folder, 's', 'notes.sock');
const environment = {
  PATH: process.env.PATH,
  LUCID_SERVICE_KEY_FILE: join(folder, 'notes.pem'),
  LUCID_SERVICE_KEYRING_FILE: join(folder, 'keyring.json'),
};

beforeAll(() => {
  bundleProgram('sample-main', join(folder, 'dist'));
  writeFileSync(environment.LUCID_SERVICE_KEY_FILE, keyOf('notes').secretPem);
  const keyring = Object.fromEntries([...keys.values()].map((each) => [each.caller, each.publicKey]));
  writeFileSync(environment.LUCID_SERVICE_KEYRING_FILE, JSON.stringify(keyring));
});

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(env: Record<string, string | undefined>, ...argv: string[]) {
  const child = fork(join(folder, 'dist', 'sample-main.mjs'), argv, { env, silent: true, execArgv: [] });
  children.add(child);
  let stdout = '';
  let stderr = '';
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (part) => {
      stdout += part;
      const address = /"address":"([^"]+)"/.exec(stdout)?.[1];
      if (address) resolve(address);
    });
    child.on('close', () => reject(new Error(`ended before it listened: ${stderr}`)));
  });
  listening.catch(() => {});
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return { child, listening, ended };
}

const clientAt = (target: { origin: string; socketPath?: string }) => {
  const transport = createHttpTransport(target);
  const tokens = createTokenSource({ key: keyOf('operator'), clock: systemClock });
  return { client: createClient(notesContract, transport, { tokens }), transport };
};

it('serves on a port, answers its health subcommand, and stops with 0', async () => {
  const service = start({ ...environment, HOST: '127.0.0.1', PORT: '0' });
  const origin = await service.listening;
  const { client, transport } = clientAt({ origin });
  expect(await client.listNotes({ query: { limit: 3 } })).toMatchObject({ limit: 3 });
  await transport.close();
  const { port } = new URL(origin);
  expect((await start({ HOST: '0.0.0.0', PORT: port }, 'health').ended).code).toBe(0);
  service.child.kill('SIGTERM');
  const { code, stdout, stderr } = await service.ended;
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((each) => each.msg)).toEqual(['listening', 'request', 'request', 'stopping', 'stopped']);
  expect((await start({ HOST: '127.0.0.1', PORT: port }, 'health').ended).code).toBe(1);
});

it('finishes a request in flight at SIGTERM', async () => {
  const service = start({ ...environment, LUCID_SOCKET: socketPath });
  expect(await service.listening).toBe(socketPath);
  expect((await start({ LUCID_SOCKET: socketPath }, 'health').ended).code).toBe(0);
  const { client, transport } = clientAt({ origin: 'http://localhost', socketPath });
  const work = client.wait();
  await once(service.child, 'message');
  service.child.kill('SIGTERM');
  await once(service.child.stdout as NodeJS.ReadableStream, 'data');
  service.child.send('finished');
  expect(await work).toEqual({ outcome: 'finished' });
  expect((await service.ended).code).toBe(0);
  await transport.close();
});

it('takes over a socket that a killed process left, but not one that is in use', async () => {
  const first = start({ ...environment, LUCID_SOCKET: socketPath });
  await first.listening;
  const second = await start({ ...environment, LUCID_SOCKET: socketPath }).ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('another process already listens');
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start({ ...environment, LUCID_SOCKET: socketPath });
  expect(await third.listening).toBe(socketPath);
});

it('lists every configuration fault and ends with 2', async () => {
  const { code, stderr } = await start({
    PORT: '99999',
    NOTES_LIMIT: 'many',
    NOTES_PASSWORD: 'abc',
    LUCID_SERVICE_KEY_FILE: environment.LUCID_SERVICE_KEYRING_FILE,
  }).ended;
  expect(code).toBe(2);
  for (const name of [
    'PORT',
    'NOTES_LIMIT',
    'NOTES_PASSWORD',
    'LUCID_SERVICE_KEY_FILE',
    'LUCID_SERVICE_KEYRING_FILE',
  ])
    expect(stderr).toContain(`  ${name}: `);
  expect(stderr).not.toMatch(/many|abc|99999|node_modules|\n {4}at /);
});
