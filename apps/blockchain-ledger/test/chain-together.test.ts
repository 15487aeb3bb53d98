import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { checkChain } from '../src/chain/chain-check.ts';
import { findLogs } from '../src/chain/log-finder.ts';
import { pruneBlocks } from '../src/chain/pruner.ts';
import { addressOf, makeChain, openChain, putAll, topicOf } from './chain-kit.ts';
import { codeOf } from './log-kit.ts';

test('blocks come, are read, checked and pruned at the same time, and nobody sees a fault', async () => {
  const blocks = await makeChain(120, (height) =>
    Array.from({ length: height % 30 }, () => ({
      type: 2,
      logs: [[addressOf(1), [topicOf(height)], new Uint8Array(3)]],
    })),
  );
  const { chain } = await openChain();
  await putAll(chain, blocks.slice(0, 40));
  let isDone = false;
  const until = async (work: () => Promise<unknown>): Promise<number> => {
    let times = 0;
    for (; !isDone; times++) {
      await work();
      // A store in memory never waits for anything.
      await nextTurn();
    }
    return times;
  };
  const checks = until(async () => expect((await checkChain(chain, {})).faults).toEqual([]));
  const pruning = until(() => pruneBlocks(chain, 20));
  const reads = until(async () => {
    const head = chain.head!;
    const answer = await codeOf(chain.block(head.oldestBody));
    expect(['no error', 'block_pruned']).toContain(answer);
    expect(await codeOf(chain.block(head.height))).toBe('no error');
    const query = {
      fromHeight: head.oldestBody,
      toHeight: head.height,
      addresses: [addressOf(1)],
      topics: [],
    };
    expect(['no error', 'block_pruned']).toContain(await codeOf(findLogs(chain, query)));
  });
  await putAll(chain, blocks.slice(40));
  isDone = true;
  for (const times of await Promise.all([checks, pruning, reads])) expect(times).toBeGreaterThan(0);
  expect(chain.head).toMatchObject({ height: 119, oldestBody: expect.any(Number) });
  await chain.close();
});

test('whoever puts the same block twice at once is answered twice', async () => {
  const blocks = await makeChain(3);
  const { chain, log } = await openChain();
  const answers = await Promise.all(
    blocks.flatMap((block) => [chain.put(block.height, block.bytes), chain.put(block.height, block.bytes)]),
  );
  expect(answers.map(({ height }) => height)).toEqual([0, 0, 1, 1, 2, 2]);
  expect([...log.entries.keys()]).toEqual([0, 1, 2]);
});
