import { expect, test } from '@jest/globals';
import { decodeProposal, encodeExecutedBlock, fromHex, toHex } from '@lucid/chain-wire';
import { ProblemError, silentLog } from '@lucid/service-kit';
import type { Vm } from '../mempool/check-batcher.ts';
import { Mempool } from '../mempool/mempool.ts';
import type { ChainBlock } from './chain-block.ts';
import { Proposer } from './proposer.ts';

const hashOf = (nonce: number): string => `0x${(nonce + 1).toString(16).padStart(64, '0')}`;
const head = { height: 0, header: { gasLimit: 60_000_000n, gasUsed: 0n, baseFee: 1n } } as ChainBlock;

/** A proposer over transactions 0, 1, 2 of one sender, whose bytes are their hashes. */
function startProposer(finalize: (hashes: string[]) => { leftOut: [number, string][]; included: number }) {
  const pool = new Mempool({
    maxTransactions: 10,
    maxBytes: 1_000,
    maxPerSender: 10,
    maxQueuedPerSender: 10,
    maxQueued: 10,
    lifetimeMs: 1_000,
  });
  for (const nonce of [0, 1, 2]) {
    const fees = { gasLimit: 21_000n, maxFeePerGas: 10n, maxPriorityFeePerGas: 1n, cost: 1n };
    const bytes = fromHex(hashOf(nonce));
    const added = { hash: hashOf(nonce), bytes, sender: 'alice', nonce, arrivedAtMs: 0, ...fees };
    pool.add(added, { nonce: 0, balance: 100n });
  }
  const vm = {
    finalizeBlock: async ({ body }: { body: Uint8Array }) => {
      const { leftOut, included } = finalize(decodeProposal(body).transactions.map(toHex));
      return encodeExecutedBlock({
        block: new Uint8Array(),
        receipts: Array.from({ length: included }, () => new Uint8Array()),
        senders: Array.from({ length: included }, () => new Uint8Array(20)),
        leftOut: leftOut.map(([nonce, reason]) => ({ hash: fromHex(hashOf(nonce)), reason })),
      });
    },
  } as unknown as Vm;
  return { pool, proposer: new Proposer({ vm, pool, log: silentLog, producer: new Uint8Array(20) }) };
}

test.each([
  ['cannot be executed is given up, what follows it waits behind the gap', 'insufficient funds', 1, [0, 2]],
  ['has no room now waits, and so does what follows it', 'gas limit reached', 1, [3, 0]],
  ['has no room in an empty block never will have', 'gas limit reached', 0, [0, 2]],
])('what %s', async (_what, reason, included, waiting) => {
  const { pool, proposer } = startProposer(() => ({
    included,
    leftOut: [
      [0, reason],
      [1, 'nonce too high'],
      [2, 'nonce too high'],
    ],
  }));
  proposer.settle(await proposer.propose(head, 1));
  expect([pool.pending, pool.queued]).toEqual(waiting);
});

test('over which the vm stumbles again and again is found and given up, but not where it stumbled once', async () => {
  let stumbles = true;
  const { pool, proposer } = startProposer((hashes) => {
    if (stumbles && hashes.includes(hashOf(0))) throw new ProblemError('internal');
    return { included: hashes.length, leftOut: [] };
  });
  const attempt = () => proposer.propose(head, 1).catch(() => null);
  for (let tries = 0; tries < 3; tries += 1) expect(await attempt()).toBeNull();
  expect(pool.get(hashOf(0))).toBeDefined();
  stumbles = false;
  expect((await attempt())?.hashes).toEqual([hashOf(0)]);
  stumbles = true;
  for (let tries = 0; tries < 5; tries += 1) await attempt();
  expect(pool.get(hashOf(0))).toBeUndefined();
  expect([pool.pending, pool.queued]).toEqual([0, 2]);
});
