import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Chain } from '../src/chain/chain.ts';
import { findLogs, type LogQuery } from '../src/chain/log-finder.ts';
import { encodeBuckets, readBucket } from '../src/chain/log-terms.ts';
import {
  addressOf,
  makeBlock,
  makeChain,
  openChain,
  putAll,
  type TestBlock,
  type TestLog,
  topicOf,
} from './chain-kit.ts';
import { codeOf, hex } from './log-kit.ts';

let chain: Chain;
let blocks: TestBlock[];
const BLOCKS = 60;

/** Few addresses and topics, so that searches meet; all kinds of numbers of topics; blocks without any log. */
function logsOf(height: number, index: number): TestLog[] {
  const seed = (height * 31 + index * 17) % 97;
  if (height % 7 === 3) return [];
  return Array.from({ length: seed % 4 }, (_, log) => [
    addressOf((seed + log) % 5),
    Array.from({ length: (seed + log) % 5 }, (_, place) => topicOf((seed * (place + 1) + log) % 4)),
    Uint8Array.of(seed, log),
  ]);
}

beforeAll(async () => {
  ({ chain } = await openChain());
  blocks = await makeChain(BLOCKS, (height) =>
    Array.from({ length: (height * 13) % 70 }, (_, index) => ({ type: 2, logs: logsOf(height, index) })),
  );
  await putAll(chain, blocks);
});

/** Every log of the chain, looked at one by one. */
function expectedLogs(query: LogQuery): string[] {
  const found: string[] = [];
  const isIn = (items: readonly Uint8Array[], item: Uint8Array | undefined) =>
    items.length === 0 || items.some((each) => item && hex(each) === hex(item));
  for (const { height, hash, logs, transactionHashes, timestampSec } of blocks) {
    let logIndex = 0;
    for (const [transaction, own] of logs.entries())
      for (const [address, topics, data] of own) {
        const name = [
          height,
          hex(hash),
          timestampSec,
          hex(transactionHashes[transaction]!),
          transaction,
          logIndex++,
        ];
        const matches =
          height >= query.fromHeight &&
          height <= query.toHeight &&
          isIn(query.addresses, address) &&
          topics.length >= query.topics.length &&
          query.topics.every((items, place) => isIn(items, topics[place]));
        if (matches) found.push([...name, hex(address), topics.map(hex).join(), hex(data)].join(' '));
      }
  }
  return found;
}

const found = async (query: LogQuery): Promise<string[]> =>
  (await findLogs(chain, query)).map((log) =>
    [
      ...[log.height, hex(log.blockHash), log.timestampSec, hex(log.transactionHash)],
      ...[log.transactionIndex, log.logIndex, hex(log.address), log.topics.map(hex).join(), hex(log.data)],
    ].join(' '),
  );

describe('searches for logs', () => {
  test('find what a look at every log finds', async () => {
    const items = (make: (index: number) => Uint8Array) =>
      fc.uniqueArray(fc.nat(6), { maxLength: 3 }).map((all) => all.map(make));
    const queries = fc.record({
      fromHeight: fc.nat(BLOCKS - 1),
      length: fc.nat(BLOCKS + 5),
      addresses: items(addressOf),
      topics: fc.array(items(topicOf), { maxLength: 4 }),
    });
    let met = 0;
    await fc.assert(
      fc.asyncProperty(queries, async ({ fromHeight, length, ...rest }) => {
        const query = { fromHeight, toHeight: fromHeight + length, ...rest };
        const expected = expectedLogs(query);
        met += expected.length;
        expect(await found(query)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    expect(met).toBeGreaterThan(100);
  });

  test('a range that begins after its end, or after the head', async () => {
    const any = { addresses: [], topics: [] };
    expect(await codeOf(findLogs(chain, { ...any, fromHeight: 5, toHeight: 4 }))).toBe('range_invalid');
    expect(await codeOf(findLogs(chain, { ...any, fromHeight: BLOCKS, toHeight: BLOCKS }))).toBe(
      'not_in_chain',
    );
  });

  test('10,000 logs are given, one more is not', async () => {
    const opened = await openChain();
    const ten = Array.from({ length: 10 }, (): TestLog => [addressOf(1), [topicOf(1)], new Uint8Array()]);
    const genesis = await makeBlock();
    const full = await makeBlock({ parent: genesis, transactions: Array(1000).fill({ type: 2, logs: ten }) });
    const one = await makeBlock({ parent: full, transactions: [{ type: 2, logs: ten.slice(0, 1) }] });
    await putAll(opened.chain, [genesis, full, one]);
    const query = { fromHeight: 0, addresses: [addressOf(1)], topics: [[topicOf(1)]] };
    expect((await findLogs(opened.chain, { ...query, toHeight: 1 })).length).toBe(10_000);
    expect(await codeOf(findLogs(opened.chain, { ...query, toHeight: 2 }))).toBe('too_many_logs');
  });
});

test('lists of terms come back as they went in', () => {
  const terms = fc.dictionary(
    fc.uint8Array({ minLength: 9, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.uniqueArray(fc.nat(300_000), { minLength: 1, maxLength: 40 }).map((all) => all.sort((a, b) => a - b)),
  );
  fc.assert(
    fc.property(terms, (given) => {
      const back = [...encodeBuckets(new Map(Object.entries(given)))].flatMap(([bucket, list]) => [
        ...readBucket(bucket, list),
      ]);
      expect(new Map(back)).toEqual(new Map(Object.entries(given)));
    }),
  );
});
