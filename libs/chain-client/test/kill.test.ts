/**
 * kill -9 of a process that sends, its outbox in LMDB, at random requests, before or after the node did what was asked. LUCID_KILLS says
 * how often (default 12), LUCID_SEED repeats a run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { seeded, seedOfRun } from '../../../e2e/stack/seeded.ts';
import { FakeNode } from './fake-node.ts';
import { killedIntent } from './kill-intents.ts';

const KILLS = Number(process.env.LUCID_KILLS ?? 12);
const INTENTS = 40;
const program = join(__dirname, '../../../dist/test/chain-client-kill-child.mjs');
const folder = mkdtempSync(join(tmpdir(), 'lucid-chain-client-'));
const random = seeded(seedOfRun('kills of the chain client'));
const node = new FakeNode();

let child: ChildProcess | undefined;
/** Requests until the child is killed; the moment is before or after the node has done it. */
let fuse = Number.POSITIVE_INFINITY;
let requests = 0;

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = JSON.parse(await text(incoming));
  // Blocks come by work, not by time: so a slow machine sees the same.
  if (++requests % 5 === 0) node.mine();
  const isLast = --fuse === 0;
  if (isLast && random.below(2) === 0) {
    child?.kill('SIGKILL');
    return;
  }
  const answer = JSON.stringify(await node.answer(request));
  if (isLast) child?.kill('SIGKILL');
  else outgoing.end(answer);
}

const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await build({
    entryPoints: [join(__dirname, 'kill-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
});

afterAll(() => {
  child?.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program to its end, or to the kill. */
async function run(requestsToLive: number): Promise<{ code: number | null; signal: string | null }> {
  fuse = requestsToLive;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  child = spawn(process.execPath, [program, url, folder, String(INTENTS)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal };
}

it(
  'each intent is in the chain exactly once, in one row of nonces',
  async () => {
    let killed = 0;
    for (let each = 0; each < KILLS; each++) {
      const { code, signal } = await run(1 + random.below(60));
      expect([0, null]).toContain(code);
      if (signal === 'SIGKILL') killed++;
    }
    expect(killed).toBeGreaterThan(KILLS / 2);
    expect(await run(Number.POSITIVE_INFINITY)).toEqual({ code: 0, signal: null });
    node.mine(2);
    const included = node.included();
    const wanted = Array.from({ length: INTENTS }, (_, at) => killedIntent(at).data);
    expect(included.map(({ data }) => data).sort()).toEqual([...wanted].sort());
    expect(included.map(({ nonce }) => nonce)).toEqual(wanted.map((_, at) => at));
  },
  60_000 + KILLS * 3000,
);
