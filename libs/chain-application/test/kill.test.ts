/**
 * kill -9 at random moments of a chain on LevelDB: what was committed is there, a block is there whole or not at all, and its whole
 * state is sound. LUCID_KILLS says how many (default 8).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLevelKvStore } from '@lucid/kv-level';
import { createMemoryKvStore } from '@lucid/kv-store';
import { build } from 'esbuild';
import { commitNext, openChain, sampleBlocks } from './test-chain.ts';

const kills = Number(process.env.LUCID_KILLS ?? 8);
const root = join(__dirname, '..', '..', '..');
const program = join(root, 'dist/test/chain-kill-child.mjs');
let folder = '';
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chain-kill-'));
  const foreign = {
    name: 'foreign',
    setup: ({
      onResolve,
    }: {
      onResolve: (
        options: { filter: RegExp },
        resolve: (args: { path: string; kind: string }) => object | undefined,
      ) => void;
    }) =>
      onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
        kind === 'entry-point' || path.startsWith('@lucid/') ? undefined : { path, external: true },
      ),
  };
  await build({
    entryPoints: [join(__dirname, 'kill-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [foreign],
  });
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  readonly opened: number;
  readonly executed: Map<number, string>;
  readonly committed: Map<number, string>;
}

/** Runs until it told of so many blocks, and a random moment more. */
async function runAndKill(lines: number): Promise<Told> {
  child = spawn('node', [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = { opened: -1, executed: new Map<number, string>(), committed: new Map<number, string>() };
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    const [what, height, hash] = line.split(' ');
    if (what === 'open') told.opened = Number(height);
    else (what === 'executed' ? told.executed : told.committed).set(Number(height), hash!);
    seen += 1;
    if (seen > lines) {
      const after = Math.random() * 3;
      const start = performance.now();
      while (performance.now() - start < after);
      child.kill('SIGKILL');
    }
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return told;
}

test(`${kills} times kill -9`, async () => {
  const known = new Map<number, string>();
  let highest = 0;
  for (let run = 0; run < kills; run++) {
    const told = await runAndKill(Math.floor(Math.random() * 25));
    expect(told.opened).toBeGreaterThanOrEqual(highest);
    for (const [height, hash] of told.executed) known.set(height, hash);
    highest = Math.max(highest, told.opened, ...told.committed.keys());
  }
  const store = await openLevelKvStore({ path: folder });
  const app = await openChain(store);
  expect(app.info().height).toBeGreaterThanOrEqual(highest);
  expect((await app.checkIntegrity()).faults).toEqual([]);

  // The same chain, made anew without any kill.
  const replayed = await openChain(createMemoryKvStore());
  for (const transactions of sampleBlocks(app.info().height)) {
    const { height, blockHash, blockRlp } = await commitNext(replayed, transactions);
    expect(known.get(height)).toBe(blockHash);
    expect(Buffer.compare((await app.blockRlp(height))!, blockRlp)).toBe(0);
  }
  expect(replayed.info().stateRoot).toBe(app.info().stateRoot);
  await store.close();
}, 600_000);
