/** The process as it is started: it makes blocks, answers over its API, ends when told to, and goes on where it was. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  callOf,
  genesisOf,
  ledgerSigner,
  sendAll,
  sessionOf,
} from '../../blockchain-sessions-data/test/world.ts';
import { buildProgram } from '../../on-system-chain/test/build-program.ts';
import { eventually, type rpcOf } from '../../on-system-chain/test/chain-stack.ts';

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standalone-'));
  await writeFile(join(folder, 'genesis.json'), genesisOf());
  program = await buildProgram(join(__dirname, '../src/main.ts'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = (): Record<string, string> => ({
  STANDALONE_DATA_DIR: folder,
  LEDGER_SIGNING_KEY: ledgerSigner,
  VM_GENESIS_FILE: join(folder, 'genesis.json'),
  HOST: '127.0.0.1',
  PORT: '0',
});

function run(environment: Record<string, string>) {
  const child = spawn('node', [program], { env: { PATH: process.env.PATH ?? '', ...environment } });
  return { child, exited: once(child, 'exit') as Promise<[number | null]> };
}

async function start() {
  const { child, exited } = run(settings());
  const origin = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { address } = JSON.parse(line) as { address?: string };
      if (address) resolve(address);
    });
    void exited.then(() => reject(new Error('it ended')));
  });
  const api = `${origin}/api/v1`;
  const get = async (path: string) => {
    const response = await fetch(`${api}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  await eventually(async () => (await get('/chain/status')).status === 200);
  return { api, get, child, exited };
}

const anchoring = `/anchoring/session/${sessionOf(1).sessionId}`;

test('a session that is registered through its API is told by it, also after a restart', async () => {
  const first = await start();
  const rpc = async (method: string, ...params: unknown[]) => {
    const response = await fetch(`${first.api}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await response.json()) as Awaited<ReturnType<ReturnType<typeof rpcOf>>>;
  };
  await sendAll(rpc, [callOf.registerSession(sessionOf(1))]);
  const told = await first.get(anchoring);
  expect(told).toMatchObject({ status: 200, body: { merkleRoot: sessionOf(1).merkleRoot } });
  const verdict = await first.get(`/merkle/validation/${sessionOf(1).sessionId}`);
  expect(verdict.body).toMatchObject({ verified: true });
  // Nobody is its operator, and nobody in it pays.
  const { status } = await fetch(`${first.api}/anchoring/session`, { method: 'POST' });
  expect(status).toBe(401);
  first.child.kill('SIGTERM');
  expect((await first.exited)[0]).toBe(0);
  const second = await start();
  expect(await second.get(anchoring)).toEqual(told);
  second.child.kill('SIGINT');
  expect((await second.exited)[0]).toBe(0);
}, 90_000);

test.each(['STANDALONE_DATA_DIR', 'LEDGER_SIGNING_KEY', 'VM_GENESIS_FILE'])(
  'without %s it says so and ends with 2',
  async (variable) => {
    const { [variable]: _, ...rest } = settings();
    const { child, exited } = run(rest);
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said += part.toString();
    });
    expect((await exited)[0]).toBe(2);
    expect(said).toContain(variable);
  },
);
