import { join } from 'node:path';
import { openLevelKvStore } from '@lucid/kv-level';
import { Chain } from '../../apps/blockchain-ledger/src/chain/chain.ts';
import { checkChain } from '../../apps/blockchain-ledger/src/chain/chain-check.ts';
import { createKeccak256 } from '../../apps/blockchain-ledger/src/chain/keccak.ts';
import { findLogs } from '../../apps/blockchain-ledger/src/chain/log-finder.ts';
import { proveTransaction } from '../../apps/blockchain-ledger/src/chain/proofs.ts';
import {
  addressOf,
  createMemoryLog,
  makeChain,
  type TestLog,
  topicOf,
} from '../../apps/blockchain-ledger/test/chain-kit.ts';

const [folder = '', blockCount = '20', transactions = '2000'] = process.argv.slice(2);
let account = 0;
const transfer = (): TestLog => [
  addressOf(1),
  [topicOf(1), topicOf(++account), topicOf(account + 5_000_000)],
  new Uint8Array(32),
];
const blocks = await makeChain(Number(blockCount) + 1, (height) =>
  Array.from({ length: height === 0 ? 0 : Number(transactions) }, () => ({ type: 2, logs: [transfer()] })),
);
const chain = await Chain.open({
  kv: await openLevelKvStore({ path: join(folder, 'chain') }),
  keccak: await createKeccak256(),
  log: createMemoryLog(),
});

const median = (values: number[]): number =>
  values.sort((one, other) => one - other)[values.length >> 1] ?? 0;

async function measure(
  what: string,
  times: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  for (let index = 0; index < times; index++) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await work(index);
    wallMs.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000);
  }
  console.log(`${what.padEnd(44)} wall ${median(wallMs).toFixed(2)} ms, CPU ${median(cpuMs).toFixed(2)} ms`);
}

const last = blocks.length - 1;
console.log(`blocks of ${transactions} transactions, ${blocks[last]?.bytes.length} bytes`);
await measure('putBlock', blocks.length, (index) => chain.put(index, blocks[index]?.bytes as Uint8Array));
await measure('getBlock', 50, (index) => chain.block((index % last) + 1));
const hashes = blocks[last]?.transactionHashes ?? [];
await measure('locateTransaction, 1,000 one after the other', 5, async () => {
  for (const hash of hashes.slice(0, 1000)) await chain.locateTransaction(hash);
});
await measure('getTransactionProof', 10, (index) => proveTransaction(chain, hashes[index * 7] as Uint8Array));
const whole = { fromHeight: 0, toHeight: last };
await measure('findLogs, one log of all', 20, (index) =>
  findLogs(chain, { ...whole, addresses: [addressOf(1)], topics: [[topicOf(1)], [topicOf(5000 + index)]] }),
);
await measure('findLogs, all of five blocks', 5, () =>
  findLogs(chain, { fromHeight: 1, toHeight: 5, addresses: [addressOf(1)], topics: [] }),
);
await measure('checkChain, all', 1, () => checkChain(chain, {}));
await chain.close();
