/**
 * kill -9 while blocks are put: every answered block is there and proven by the log, none is half written, and store and
 * log agree. LUCID_KILLS says how many times (default 12).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLevelKvStore } from '@lucid/kv-level';
import { build } from 'esbuild';
import { checkChain } from '../src/chain/chain-check.ts';
import { createLog } from '../src/domain/log.ts';
import { openHeadMarkFile } from '../src/store/head-mark-file.ts';
import { openKilledChain } from './chain-kill-parts.ts';
import { addressOf, makeChain, type TestBlock, topicOf } from './chain-kit.ts';
import { notary } from './kill-notary.ts';
import { hex } from './log-kit.ts';

const kills = Number(process.env.LUCID_KILLS ?? 12);
const root = join(__dirname, '..', '..', '..');
const bundle = join(root, 'dist/test/ledger-chain-kill-child.mjs');
let folder = '';
let blocks: TestBlock[];
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-chain-kill-'));
  blocks = await makeChain(kills * 16, (height) =>
    Array.from({ length: (height * 7) % 40 }, (_, index) => ({
      type: 2,
      logs: [[addressOf(index), [topicOf(height), topicOf(index)], new Uint8Array(40)]],
    })),
  );
  const file = JSON.stringify(blocks.map(({ bytes }) => Buffer.from(bytes).toString('base64')));
  await writeFile(join(folder, 'blocks.json'), file);
  await build({
    entryPoints: [join(__dirname, 'chain-kill-child.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['classic-level'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Runs the child until it answered so many blocks and a moment more; gives the last height that it said. */
async function runAndKill(answers: number): Promise<{ opened: number; kept: number; isDone: boolean }> {
  child = spawn('node', [bundle, folder, join(folder, 'blocks.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let opened = -2;
  let kept = -1;
  let answered = 0;
  let isDone = false;
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, height = ''] = line.split(' ');
    if (word === 'open') opened = Number(height);
    else if (word === 'kept') {
      kept = Number(height);
      answered++;
    } else if (word === 'done') isDone = true;
    if (answered >= answers || isDone) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { opened, kept: Math.max(kept, opened), isDone };
}

test(
  `${kills} times kill -9`,
  async () => {
    let height = -1;
    for (let run = 0; run < kills; run++) {
      const { opened, kept, isDone } = await runAndKill(run % 5 === 0 ? 0 : Math.floor(Math.random() * 16));
      expect(opened).toBeGreaterThanOrEqual(height);
      height = kept;
      if (isDone) break;
    }
    const kv = await openLevelKvStore({ path: join(folder, 'log') });
    const log = await createLog({ kv, notary, mark: openHeadMarkFile(join(folder, 'head.note')) });
    const chain = await openKilledChain(folder, log);
    const head = chain.head?.height ?? -1;
    expect(head).toBeGreaterThanOrEqual(Math.max(height, 0));
    for (const block of blocks.slice(0, head + 1))
      expect(hex(await chain.block(block.height)) === hex(block.bytes)).toBe(true);
    expect(await checkChain(chain, {})).toMatchObject({ blocks: head + 1, faultsFound: 0 });
    await chain.close();
    await log.close();
  },
  20_000 + kills * 10_000,
);
