import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeTransactions } from '@lucid/chain-wire';
import { ChainView, type Ledger } from '../chain/chain-view.ts';
import { TransactionJournal } from '../store/transaction-journal.ts';
import { CheckBatcher, type Vm } from './check-batcher.ts';
import { Mempool } from './mempool.ts';
import { TransactionDesk } from './transaction-desk.ts';

const nameOf = (bytes: Uint8Array): string => `0x${Buffer.from(bytes.subarray(0, 20)).toString('hex')}`;

/** A vm to which everything is sound; each transaction is one of a sender of its own. */
const contentVm = {
  checkTransactions: async ({ body }: { body: Uint8Array }) => ({
    results: decodeTransactions(body).map((bytes) => ({
      ok: true,
      hash: nameOf(bytes),
      sender: nameOf(bytes),
      nonce: '0x0',
      gasLimit: '0x5208',
      maxFeePerGas: '0x3b9aca00',
      maxPriorityFeePerGas: '0x0',
      cost: '0x1',
      accountNonce: '0x0',
      balance: '0x1',
    })),
  }),
} as unknown as Vm;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucid-desk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function openDesk() {
  const pool = new Mempool({
    maxTransactions: 10_000,
    maxBytes: 64 * 1024 * 1024,
    maxPerSender: 10,
    maxQueuedPerSender: 10,
    maxQueued: 10,
    lifetimeMs: 1_000,
  });
  const journal = new TransactionJournal(join(folder, 'journal'), () => pool.all());
  const view = new ChainView({ ledger: {} as Ledger, cacheBytes: 0 });
  const desk = new TransactionDesk({
    takes: true,
    pool,
    journal,
    view,
    batcher: new CheckBatcher(contentVm),
    nowMs: () => 0,
  });
  return { desk, pool, journal };
}

test('as many of the largest as a mempool holds are taken back, also where the journal has one twice', async () => {
  const entries = Array.from({ length: 600 }, (_, index) => {
    const bytes = new Uint8Array(100_000);
    new DataView(bytes.buffer).setUint32(0, index);
    return { bytes, arrivedAtMs: 0 };
  });
  const before = new TransactionJournal(join(folder, 'journal'), () => entries.slice(0, 10));
  await Promise.all(entries.map((entry) => before.append(entry)));
  await before.close();
  for (let start = 0; start < 2; start += 1) {
    const { desk, journal } = openDesk();
    expect(await desk.open()).toEqual({ restored: 600, refused: 0 });
    await journal.close();
  }
});
