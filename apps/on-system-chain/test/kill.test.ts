/**
 * kill -9 under load: no block that was acknowledged is lost, no transaction that was acknowledged is lost or executed twice, and vm and ledger
 * agree. LUCID_KILLS says how many (default 6).
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildProgram } from './build-program.ts';
import { type ChainProcess, createChainFolder, startChainProcess } from './chain-process.ts';
import { accountOf, chainId, eventually, gwei } from './chain-stack.ts';

const kills = Number(process.env.LUCID_KILLS ?? 6);
const senders = 4;
let folder = '';
let program = '';
let node: ChainProcess | undefined;
beforeAll(async () => {
  folder = await createChainFolder();
  program = await buildProgram(join(__dirname, 'chain-program.ts'));
});
afterAll(async () => {
  await node?.kill();
  await rm(folder, { recursive: true, force: true });
});

const transfer = (sender: number, nonce: number) =>
  accountOf(sender).signTransaction({
    type: 'eip1559',
    chainId,
    nonce,
    to: accountOf(70 + sender).address,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 100n * gwei,
    maxPriorityFeePerGas: gwei,
  });

interface Seen {
  /** Hashes that were acknowledged, by sender. */
  readonly acknowledged: string[][];
  /** Hash of each block that was seen. */
  readonly blocks: Map<string, string>;
}

/** Sends and watches, kills the process when so many were acknowledged, and ends when it is gone. */
async function loadAndKill({ rpc, kill }: ChainProcess, seen: Seen, target: number): Promise<void> {
  let left = target;
  const send = async (sender: number) => {
    for (;;) {
      const acknowledged = seen.acknowledged[sender] as string[];
      const { result, error } = await rpc(
        'eth_sendRawTransaction',
        await transfer(sender, acknowledged.length),
      );
      if (error && !/already known|nonce too low/.test(error.message)) throw new Error(error.message);
      // Acknowledged, or known from before: the answer was cut off then.
      acknowledged.push((result as string) ?? 'known');
      left -= 1;
      if (left === 0) await kill();
    }
  };
  const watch = async () => {
    for (;;) {
      const { result } = await rpc('eth_getBlockByNumber', 'latest', false);
      const { number, hash } = result as { number: string; hash: string };
      const before = seen.blocks.get(number) ?? hash;
      if (before !== hash) throw new Error(`there were two blocks ${number}`);
      seen.blocks.set(number, hash);
    }
  };
  const work = [...Array.from({ length: senders }, (_, at) => send(at)), watch()];
  for (const outcome of await Promise.allSettled(work)) {
    const reason = outcome.status === 'rejected' ? (outcome.reason as Error) : undefined;
    if (reason && !/fetch failed|terminated|other side closed/.test(reason.message)) throw reason;
  }
}

test(
  `${kills} times kill -9`,
  async () => {
    const seen: Seen = { acknowledged: Array.from({ length: senders }, () => []), blocks: new Map() };
    for (let run = 0; run < kills; run++) {
      node = await startChainProcess(program, folder);
      await loadAndKill(node, seen, 1 + Math.floor(Math.random() * 400));
    }
    const last = await startChainProcess(program, folder);
    node = last;
    const counts = seen.acknowledged.map(({ length }) => length);
    await eventually(async () => {
      const status = (await last.rpc('txpool_status')).result as { pending: string; queued: string };
      return status.pending === '0x0' && status.queued === '0x0';
    });
    for (const [sender, count] of counts.entries()) {
      const target = accountOf(70 + sender).address;
      const received = Number((await last.rpc('eth_getBalance', target)).result);
      // The one whose answer the last kill cut off may have been taken.
      expect([count, count + 1]).toContain(received);
      const nonce = (await last.rpc('eth_getTransactionCount', accountOf(sender).address)).result;
      expect(Number(nonce)).toBe(received);
    }
    for (const hash of seen.acknowledged.flat().filter((each) => each !== 'known'))
      expect((await last.rpc('eth_getTransactionReceipt', hash)).result).toMatchObject({ status: '0x1' });
    for (const [number, hash] of seen.blocks)
      expect((await last.rpc('eth_getBlockByNumber', number, false)).result).toMatchObject({ hash });
    expect(Math.min(...counts)).toBeGreaterThan(0);
    console.info(`${counts.reduce((a, b) => a + b)} transactions, ${seen.blocks.size} blocks seen`);
  },
  60_000 + kills * 15_000,
);
