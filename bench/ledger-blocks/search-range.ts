// Searches over a long chain: node in the way of in-process.ts. Arguments: folder, blocks, transfers a block.
import { join } from 'node:path';
import { RLP } from '@ethereumjs/rlp';
import { encodeKeptBlock } from '@lucid/chain-wire';
import { addToBloom } from '@lucid/eth-proof';
import { openLevelKvStore } from '@lucid/kv-level';
import { Chain } from '../../apps/blockchain-ledger/src/chain/chain.ts';
import { createKeccak256 } from '../../apps/blockchain-ledger/src/chain/keccak.ts';
import { findLogs } from '../../apps/blockchain-ledger/src/chain/log-finder.ts';
import { orderedTrieRoot } from '../../apps/blockchain-ledger/src/chain/ordered-trie.ts';
import {
  addressOf,
  createMemoryLog,
  makeBlock,
  topicOf,
} from '../../apps/blockchain-ledger/test/chain-kit.ts';

const [folder = '', blockCount = '100000', transfers = '4'] = process.argv.slice(2);
const keccak = await createKeccak256();
const level = await openLevelKvStore({ path: join(folder, 'range') });
const chain = await Chain.open({
  kv: {
    get: (key) => level.get(key),
    getMany: (keys) => level.getMany(keys),
    iterate: (range) => level.iterate(range),
    check: () => level.check(),
    close: () => level.close(),
    batch: (operations) => level.batch(operations, { sync: false }),
  },
  keccak,
  log: createMemoryLog(),
});
const fields = RLP.decode((await makeBlock()).header) as Uint8Array[];
let account = 0;

/** Transfers of one token between accounts that occur once. */
function content() {
  const whole = new Uint8Array(256);
  const transactions: Uint8Array[][] = [];
  const receipts: Uint8Array[] = [];
  for (let index = 0; index < Number(transfers); index++) {
    const bloom = new Uint8Array(256);
    const topics = [topicOf(1), topicOf(++account), topicOf(account + 50_000_000)];
    for (const item of [addressOf(1), ...topics]) {
      addToBloom(bloom, keccak(item));
      addToBloom(whole, keccak(item));
    }
    const nonce = Buffer.from(
      account
        .toString(16)
        .padStart(8, '0')
        .replace(/^(00)+/, ''),
      'hex',
    );
    transactions.push([
      nonce,
      nonce,
      nonce,
      addressOf(1),
      new Uint8Array(),
      new Uint8Array(68),
      nonce,
      nonce,
      nonce,
    ]);
    const gas = Buffer.from(
      (50_000 * (index + 1))
        .toString(16)
        .padStart(6, '0')
        .replace(/^(00)+/, ''),
      'hex',
    );
    receipts.push(RLP.encode([Uint8Array.of(1), gas, bloom, [[addressOf(1), topics, new Uint8Array(32)]]]));
    fields[10] = gas;
  }
  fields[6] = whole;
  fields[4] = orderedTrieRoot(
    keccak,
    transactions.map((each) => RLP.encode(each)),
  );
  fields[5] = orderedTrieRoot(keccak, receipts);
  return { transactions, receipts };
}

const startedAt = performance.now();
for (let height = 0; height < Number(blockCount); height++) {
  const { transactions, receipts } = content();
  const block = RLP.encode([fields, transactions, [], []]);
  await chain.put(height, encodeKeptBlock({ block, receipts, senders: receipts.map(() => addressOf(1)) }));
  fields[0] = keccak(RLP.encode(fields));
  fields[8] = RLP.decode(RLP.encode(height + 1)) as Uint8Array;
}
console.log(
  `${blockCount} blocks of ${transfers} transfers, made and put in ${Math.round(performance.now() - startedAt)} ms`,
);

const whole = { fromHeight: 0, toHeight: Number(blockCount) - 1 };
for (const [what, topics] of [
  ['one account, by its topic', [[], [topicOf(Math.floor(account / 2))]]],
  ['one account, with token and event', [[topicOf(1)], [topicOf(Math.floor(account / 3))]]],
  [
    '20 accounts',
    [[], Array.from({ length: 20 }, (_, index) => topicOf(1 + Math.floor((account * index) / 20)))],
  ],
  ['nothing', [[topicOf(2)]]],
] as const) {
  for (const addresses of what.includes('token') ? [[addressOf(1)]] : [[]]) {
    const before = performance.now();
    const logs = await findLogs(chain, { ...whole, addresses, topics: topics as Uint8Array[][] });
    console.log(`${what.padEnd(36)} ${logs.length} logs in ${Math.round(performance.now() - before)} ms`);
  }
}
await chain.close();
