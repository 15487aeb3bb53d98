import { Hardfork } from '@ethereumjs/common';
import { describe, expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import {
  addressOf,
  createMemoryLog,
  makeBlock,
  makeChain,
  openChain,
  putAll,
  type TestBlock,
  type TestTransaction,
  topicOf,
} from './chain-kit.ts';
import { codeOf, hex } from './log-kit.ts';

const busy = (count: number): TestTransaction[] =>
  Array.from({ length: count }, (_, index) => ({
    type: index % 5,
    logs:
      index % 3 === 0 ? [] : [[addressOf(index), [topicOf(1), topicOf(index)], new Uint8Array(index % 70)]],
  }));

const forks: [Hardfork, number[], number][] = [
  [Hardfork.Chainstart, [0], 15],
  [Hardfork.Istanbul, [0], 15],
  [Hardfork.Berlin, [0, 1], 15],
  [Hardfork.London, [0, 1, 2], 16],
  [Hardfork.Paris, [0, 1, 2], 16],
  [Hardfork.Shanghai, [0, 1, 2], 17],
  [Hardfork.Cancun, [0, 1, 2, 3], 20],
  [Hardfork.Prague, [0, 1, 2, 3, 4], 21],
];

describe('blocks of every fork', () => {
  test.each(forks)('%s', async (hardfork, types, fields) => {
    const { chain } = await openChain();
    const genesis = await makeBlock({ hardfork });
    const transactions = types.map((type) => ({ type, logs: busy(2)[1]!.logs! }));
    const block = await makeBlock({ parent: genesis, hardfork, transactions, withdrawals: 3 });
    await putAll(chain, [genesis, block]);
    const { RLP } = await import('@ethereumjs/rlp');
    expect((RLP.decode(block.header) as unknown[]).length).toBe(fields);
    expect(hex(await chain.block(1))).toBe(hex(block.bytes));
    for (const [index, hash] of block.transactionHashes.entries())
      expect(await chain.locateTransaction(hash)).toEqual({ height: 1, index });
  });

  // Around the lengths at which a key, a nibble path or a node changes its form.
  test.each([0, 1, 2, 15, 16, 17, 127, 128, 129, 200, 255, 256, 257, 400])(
    'a block of %i transactions comes back byte by byte',
    async (count) => {
      const { chain } = await openChain();
      const genesis = await makeBlock();
      const block = await makeBlock({
        parent: genesis,
        hardfork: Hardfork.Prague,
        transactions: busy(count),
      });
      await putAll(chain, [genesis, block]);
      expect(hex(await chain.block(1))).toBe(hex(block.bytes));
      expect(chain.head).toMatchObject({ height: 1, transactions: count });
    },
  );
});

describe('what is refused', () => {
  const chainOf = async (): Promise<[TestBlock, TestBlock, TestBlock]> => {
    const genesis = await makeBlock();
    const one = await makeBlock({
      parent: genesis,
      transactions: busy(4).map((each) => ({ ...each, type: 0 })),
    });
    return [genesis, one, await makeBlock({ parent: one })];
  };

  test('another block at a height, a gap, a wrong parent; the same block is taken again', async () => {
    const { chain, log } = await openChain();
    const [genesis, one, two] = await chainOf();
    expect(await codeOf(chain.put(1, one.bytes))).toBe('block_out_of_order');
    await putAll(chain, [genesis, one]);
    const other = await makeBlock({ parent: genesis, extraData: 'other' });
    expect(await codeOf(chain.put(1, other.bytes))).toBe('block_conflict');
    expect(await codeOf(chain.put(3, (await makeBlock({ parent: two })).bytes))).toBe('block_out_of_order');
    const stranger = await makeBlock({ parent: other });
    expect(await codeOf(chain.put(2, stranger.bytes))).toBe('block_invalid');
    expect(await codeOf(chain.put(2, one.bytes))).toBe('block_invalid');
    await chain.put(1, one.bytes);
    await chain.put(0, genesis.bytes);
    await chain.put(2, two.bytes);
    expect([...log.entries.keys()]).toEqual([0, 1, 2]);
    expect(hex(log.entries.get(2)!)).toBe(hex(two.header));
  });
});

describe('the store and the log', () => {
  test('a block that only the store got is shown, and logged, after the next start', async () => {
    const blocks = await makeChain(3);
    const opened = await openChain();
    await putAll(opened.chain, blocks.slice(0, 2));
    opened.log.fails = true;
    expect(await codeOf(opened.chain.put(2, blocks[2]!.bytes))).toMatch(/failed/);
    expect(opened.chain.head?.height).toBe(1);
    expect(await codeOf(opened.chain.block(2))).toBe('not_in_chain');
    opened.log.fails = false;
    const again = await openChain({ memory: opened.memory.copy(), log: opened.log });
    expect(again.chain.head?.height).toBe(2);
    expect(hex(opened.log.entries.get(2)!)).toBe(hex(blocks[2]!.header));
  });

  test('a block that only the store got counts, although its maker comes with another one', async () => {
    const blocks = await makeChain(3);
    const { chain, log } = await openChain();
    await putAll(chain, blocks.slice(0, 2));
    log.fails = true;
    expect(await codeOf(chain.put(2, blocks[2]!.bytes))).toMatch(/failed/);
    log.fails = false;
    const other = await makeBlock({ parent: blocks[1], extraData: 'later' });
    expect(await codeOf(chain.put(2, other.bytes))).toBe('block_conflict');
    expect(chain.head).toMatchObject({ height: 2 });
    expect(hex(log.entries.get(2)!)).toBe(hex(blocks[2]!.header));
  });

  test('a log that holds another block stops', async () => {
    const blocks = await makeChain(3);
    const opened = await openChain();
    await putAll(opened.chain, blocks);
    const log = createMemoryLog(new Map(opened.log.entries));
    log.entries.set(1, (await makeBlock({ parent: blocks[0], extraData: 'x' })).header);
    expect(await codeOf(openChain({ memory: opened.memory.copy(), log }))).toBe('chain_rolled_back');
    expect(log.stopped).toMatch(/another block 1/);
  });

  test('a store that was set back takes only the same blocks again', async () => {
    const blocks = await makeChain(3);
    const opened = await openChain();
    await putAll(opened.chain, blocks.slice(0, 2));
    const old = opened.memory.copy();
    await putAll(opened.chain, blocks.slice(2));
    const { chain } = await openChain({ memory: old, log: opened.log });
    const other = await makeBlock({ parent: blocks[1], extraData: 'x' });
    expect(await codeOf(chain.put(2, other.bytes))).toBe('chain_rolled_back');
    await chain.put(2, blocks[2]!.bytes);
    expect(chain.head?.height).toBe(2);
  });

  test('an empty store is no chain', async () => {
    const { chain } = await openChain({ memory: createMemoryKvStore() });
    expect(await codeOf(chain.block(0))).toBe('not_in_chain');
    expect(chain.head).toBeUndefined();
  });
});
