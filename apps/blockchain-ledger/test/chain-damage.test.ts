import { beforeAll, describe, expect, test } from '@jest/globals';
import type { KvOperation, MemoryKvStore } from '@lucid/kv-store';
import { checkChain } from '../src/chain/chain-check.ts';
import type { Fault } from '../src/chain/fault-list.ts';
import { findLogs } from '../src/chain/log-finder.ts';
import { proveTransaction } from '../src/chain/proofs.ts';
import { pruneBlocks } from '../src/chain/pruner.ts';
import {
  blockHashKey,
  bodyKey,
  bucketKey,
  encodeHeight,
  encodePlace,
  headerKey,
  openValue,
  receiptsKey,
  sealValue,
  sendersKey,
  transactionKey,
} from '../src/chain/store-layout.ts';
import {
  addressOf,
  createMemoryLog,
  type MemoryLog,
  makeBlock,
  makeChain,
  openChain,
  putAll,
  type TestBlock,
  topicOf,
} from './chain-kit.ts';
import { codeOf, hex } from './log-kit.ts';

let blocks: TestBlock[];
let memory: MemoryKvStore;
let log: MemoryLog;

beforeAll(async () => {
  blocks = await makeChain(4, (height) =>
    Array.from({ length: height * 20 }, (_, index) => ({
      type: index % 4,
      logs: [[addressOf(index % 3), [topicOf(index)], new Uint8Array(5)]],
    })),
  );
  const opened = await openChain();
  await putAll(opened.chain, blocks);
  ({ memory, log } = opened);
});

const changed = async (...operations: KvOperation[]): Promise<MemoryKvStore> => {
  const copy = memory.copy();
  await copy.batch(operations, { sync: true });
  return copy;
};
const put = (key: Uint8Array, value: Uint8Array): KvOperation => ({ type: 'put', key, value });
const sealed = (key: Uint8Array, content: Uint8Array): KvOperation => put(key, sealValue(key, content));
const contentOf = async (key: Uint8Array): Promise<Buffer> =>
  Buffer.from(openValue(key, (await memory.get(key)) as Uint8Array) as Buffer);

async function faultsOf(store: MemoryKvStore, entries = log): Promise<Fault[]> {
  const { chain } = await openChain({ memory: store, log: entries });
  return (await checkChain(chain, {})).faults;
}

async function allEntries(): Promise<[Uint8Array, Uint8Array][]> {
  const entries: [Uint8Array, Uint8Array][] = [];
  for await (const [key, value] of memory.iterate()) entries.push([key, value]);
  return entries;
}

/** Everything that can be asked; each answer is right, or the reason why there is none. */
async function readAll(store: MemoryKvStore): Promise<string[]> {
  const { chain } = await openChain({ memory: store, log: createMemoryLog(new Map(log.entries)) });
  const answers: string[] = [];
  const ask = async (work: () => Promise<unknown>, right: unknown): Promise<void> => {
    const answer = await work().catch((error: { code?: string }) => error.code ?? String(error));
    if (JSON.stringify(answer) !== JSON.stringify(right)) answers.push(String(answer));
  };
  for (const block of blocks) {
    await ask(async () => hex(await chain.block(block.height)), hex(block.bytes));
    await ask(async () => hex((await chain.header(block.height)).headerRlp), hex(block.header));
    await ask(() => chain.locateBlock(block.hash), block.height);
    for (const [index, hash] of block.transactionHashes.entries())
      await ask(() => chain.locateTransaction(hash), { height: block.height, index });
    const hash = block.transactionHashes[0];
    if (hash) await ask(async () => (await proveTransaction(chain, hash)).gasUsed === 21_000n, true);
  }
  const query = { fromHeight: 0, toHeight: 9, addresses: [addressOf(1)], topics: [] };
  await ask(async () => (await findLogs(chain, query)).length, 40);
  return answers;
}

test('a sound chain has no fault and answers everything', async () => {
  const { chain } = await openChain({ memory: memory.copy(), log });
  expect(await checkChain(chain, {})).toEqual({ blocks: 4, transactions: 120, faultsFound: 0, faults: [] });
  expect(await checkChain(chain, { fromHeight: 2, toHeight: 2 })).toMatchObject({
    blocks: 1,
    faultsFound: 0,
  });
  expect(await readAll(memory.copy())).toEqual([]);
});

describe('a value that changed', () => {
  test('is never given out, and is named', async () => {
    const entries = await allEntries();
    let opened = 0;
    for (const [at, [key, value]] of entries.entries()) {
      if (at % 5 !== 0 && (key[0] === 4 || key[0] === 5)) continue;
      const flipped = Uint8Array.from(value);
      const octet = (at * 7919) % value.length;
      flipped[octet] = (flipped[octet] as number) ^ (1 << (at % 8));
      const store = await changed(put(key, flipped));
      const opening = await codeOf(openChain({ memory: store.copy(), log }));
      if (opening === 'chain_damaged') continue;
      opened++;
      for (const answer of await readAll(store.copy())) expect(answer).toBe('chain_damaged');
      const faults = await faultsOf(store);
      expect([hex(key), faults.length > 0]).toEqual([hex(key), true]);
    }
    expect(opened).toBeGreaterThan(50);
  });

  test('or went is named', async () => {
    for (const [at, [key]] of (await allEntries()).entries()) {
      if (at % 5 !== 0 && (key[0] === 4 || key[0] === 5)) continue;
      const store = await changed({ type: 'del', key });
      if ((await codeOf(openChain({ memory: store.copy(), log }))) === 'chain_damaged') continue;
      const faults = await faultsOf(store);
      expect([hex(key), faults.length > 0]).toEqual([hex(key), true]);
    }
  });
});

describe('whoever can seal values himself is found', () => {
  const named = async (operations: KvOperation[], what: string, where: RegExp): Promise<void> => {
    const faults = await faultsOf(await changed(...operations));
    expect(faults).toContainEqual(expect.objectContaining({ what, where: expect.stringMatching(where) }));
  };

  test('by the roots: body, receipts', async () => {
    const body = await contentOf(bodyKey(2));
    body[20] = (body[20] as number) ^ 1;
    await named([sealed(bodyKey(2), body)], 'body', /^block 2, transactions root$/);
    const receipts = await contentOf(receiptsKey(3, 1));
    receipts[receipts.length - 3] = 0x7f;
    await named([sealed(receiptsKey(3, 1), receipts)], 'receipts', /^block 3/);
    await named([sealed(sendersKey(2), new Uint8Array(20))], 'senders', /^block 2, count of senders$/);
  });

  test('by the next header and the log: a header', async () => {
    const other = await makeBlock({ parent: blocks[1], extraData: 'forged' });
    const record = await contentOf(headerKey(2));
    const forged = Buffer.concat([other.hash, record.subarray(32, 48), other.header]);
    const { chain, memory: store } = await openChain({ memory: memory.copy(), log });
    await store.batch([sealed(headerKey(2), forged)], { sync: true });
    const { faults } = await checkChain(chain, {});
    for (const [what, where] of [
      ['header', 'block 3, parent hash'],
      ['log entry', 'block/2'],
    ])
      expect(faults).toContainEqual(expect.objectContaining({ what, where }));
    // Among the newest 64 a start finds it, too, and the log signs nothing more.
    const entries = createMemoryLog(new Map(log.entries));
    expect(await codeOf(openChain({ memory: store.copy(), log: entries }))).toBe('chain_rolled_back');
    expect(entries.stopped).toMatch(/another block 2/);
  });

  test('by the blocks: entries of the indexes that nothing stands behind', async () => {
    const place = sealed(transactionKey(topicOf(9)), encodePlace({ height: 2, index: 3 }));
    await named([place], 'index of transactions', new RegExp(hex(topicOf(9))));
    const beyond = sealed(transactionKey(topicOf(9)), encodePlace({ height: 77, index: 3 }));
    await named([beyond], 'index of transactions', new RegExp(hex(topicOf(9))));
    const wrong = sealed(
      transactionKey(blocks[2]!.transactionHashes[5]!),
      encodePlace({ height: 2, index: 4 }),
    );
    await named([wrong], 'index of transactions', /^block 2/);
    await named(
      [sealed(blockHashKey(topicOf(8)), encodeHeight(1))],
      'index of block hashes',
      new RegExp(hex(topicOf(8))),
    );
    const list = await contentOf((await allEntries()).find(([key]) => key[0] === 5)![0]);
    await named([sealed(bucketKey('\x01\x00', 3), list)], 'index of logs', /./);
    await named([sealed(receiptsKey(1, 7), list)], 'body', /^block 1, key/);
  });

  test('by the log: entries that differ, are missing, or lead on', async () => {
    const entries = createMemoryLog(new Map(log.entries));
    const { chain } = await openChain({ memory: memory.copy(), log: entries });
    entries.entries.set(1, blocks[2]!.header);
    entries.entries.delete(2);
    entries.entries.set(4, blocks[2]!.header);
    const { faults } = await checkChain(chain, {});
    expect(faults.map(({ what, where }) => `${what} ${where}`)).toEqual([
      'log entry block/1',
      'log entry block/2',
      'log entry block/4',
    ]);
  });
});

describe('pruning', () => {
  test('takes bodies, receipts and terms, and nothing else; a check finds nothing wrong', async () => {
    const opened = await openChain({ memory: memory.copy(), log: createMemoryLog(new Map(log.entries)) });
    expect(await pruneBlocks(opened.chain, 2)).toBe(2);
    expect(opened.chain.head).toMatchObject({ height: 3, oldestBody: 2, transactions: 120 });
    expect(await codeOf(opened.chain.block(1))).toBe('block_pruned');
    expect(hex((await opened.chain.header(1)).headerRlp)).toBe(hex(blocks[1]!.header));
    expect(hex(await opened.chain.block(2))).toBe(hex(blocks[2]!.bytes));
    const hash = blocks[1]!.transactionHashes[4]!;
    expect(await opened.chain.locateTransaction(hash)).toEqual({ height: 1, index: 4 });
    expect(await codeOf(proveTransaction(opened.chain, hash))).toBe('block_pruned');
    const query = { toHeight: 3, addresses: [], topics: [] };
    expect(await codeOf(findLogs(opened.chain, { ...query, fromHeight: 1 }))).toBe('block_pruned');
    expect((await findLogs(opened.chain, { ...query, fromHeight: 2 })).length).toBe(100);
    expect(await checkChain(opened.chain, {})).toMatchObject({ transactions: 120, faultsFound: 0 });
    await assertSwept(opened.memory);
    await opened.chain.put(4, (await makeBlock({ parent: blocks[3] })).bytes);
    expect(await pruneBlocks(opened.chain, 1000)).toBe(2);
  });

  test('is finished after the next start where it was cut off', async () => {
    const opened = await openChain({ memory: memory.copy(), log: createMemoryLog(new Map(log.entries)) });
    await opened.chain.exclusive(() => opened.chain.replaceHead((head) => ({ ...head, oldestBody: 3 })));
    const again = await openChain({ memory: opened.memory.copy(), log: opened.log });
    expect(await codeOf(again.chain.block(2))).toBe('block_pruned');
    await again.chain.sweep();
    await assertSwept(again.memory, 3);
    expect(await checkChain(again.chain, {})).toMatchObject({ faultsFound: 0 });
  });

  async function assertSwept(store: MemoryKvStore, oldestBody = 2): Promise<void> {
    const heights: number[] = [];
    for await (const [key] of store.iterate())
      if (key[0] === 2 || key[0] === 5) heights.push(Buffer.from(key).readUInt32BE(key[0] === 2 ? 5 : 7));
    expect(Math.min(...heights)).toBe(oldestBody);
  }
});

describe('a batch that fails', () => {
  test('leaves the chain unusable until it is opened anew, which says what is stored', async () => {
    for (const how of ['before', 'after'] as const) {
      const opened = await openChain({ memory: memory.copy(), log: createMemoryLog(new Map(log.entries)) });
      const next = await makeBlock({ parent: blocks[3] });
      opened.kv.failBatches(how);
      expect(await codeOf(opened.chain.put(4, next.bytes))).toBe(
        how === 'before' ? 'store_full' : 'chain_unavailable',
      );
      expect(opened.chain.failed).toBe(true);
      opened.kv.failBatches('never');
      expect(await codeOf(opened.chain.put(4, next.bytes))).toBe('chain_unavailable');
      const again = await openChain({ memory: opened.memory.copy(), log: opened.log });
      expect(again.chain.head?.height).toBe(how === 'before' ? 3 : 4);
      await again.chain.put(4, next.bytes);
      expect(await checkChain(again.chain, {})).toMatchObject({ blocks: 5, faultsFound: 0 });
    }
  });
});
