import type { Chain } from './chain.ts';
import { ChainError } from './chain-error.ts';
import { receiptsOf } from './chain-store.ts';
import type { FaultList } from './fault-list.ts';
import { createItemHasher } from './item-hasher.ts';
import { CutBucketError, createTermCollector, readBucket } from './log-terms.ts';
import { readReceipt } from './receipt.ts';
import { RlpError } from './rlp.ts';
import {
  allBucketsRange,
  blockHashRange,
  bucketOfKey,
  decodeHeight,
  decodePlace,
  heightOfBucket,
  openValue,
  type Place,
  RECEIPTS_IN_CHUNK,
  transactionRange,
} from './store-layout.ts';

/** Entries of each index that a block of the range stands behind. */
export interface IndexCounts {
  blocks: number;
  transactions: number;
  buckets: number;
}

interface Options {
  readonly from: number;
  readonly to: number;
  readonly oldestBody: number;
  readonly counts: IndexCounts;
  readonly faults: FaultList;
  readonly signal?: AbortSignal | undefined;
}

interface Index {
  readonly what: string;
  readonly range: { readonly gte: Uint8Array; readonly lt: Uint8Array };
  readonly expected: number;
  /** Height that an entry belongs to; undefined where it is cut. */
  readonly heightOf: (key: Uint8Array, content: Buffer) => number | undefined;
  /** Whether a block stands behind the entry. */
  readonly isBacked: (key: Uint8Array, content: Buffer) => Promise<boolean>;
  readonly from: number;
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** Counts each index once; where it holds more than its blocks confirmed, looks behind every entry. */
export async function checkIndexCounts(chain: Chain, options: Options): Promise<void> {
  for (const index of indexesOf(chain, options)) {
    const isSound = await countIndex(chain, index, options);
    if (!isSound) await nameUnbacked(chain, index, options);
  }
}

function indexesOf(chain: Chain, { from, oldestBody, counts }: Options): Index[] {
  return [
    {
      what: 'index of block hashes',
      range: blockHashRange,
      expected: counts.blocks,
      heightOf: (_key, content) => decodeHeight(content),
      isBacked: async (key, content) => {
        const { blockHash } = await chain.store.readHeader(decodeHeight(content) as number);
        return Buffer.compare(blockHash, key.subarray(1)) === 0;
      },
      from,
    },
    {
      what: 'index of transactions',
      range: transactionRange,
      expected: counts.transactions,
      heightOf: (_key, content) => decodePlace(content)?.height,
      isBacked: (key, content) => isAt(chain, key.subarray(1), decodePlace(content) as Place, oldestBody),
      from,
    },
    {
      what: 'index of logs',
      range: allBucketsRange,
      expected: counts.buckets,
      heightOf: (key) => heightOfBucket(key),
      isBacked: (key, content) => hasTerm(chain, key, content),
      from: Math.max(from, oldestBody),
    },
  ];
}

async function countIndex(chain: Chain, index: Index, { to, faults, signal }: Options): Promise<boolean> {
  let count = 0;
  let steps = 0;
  for await (const [key, value] of chain.store.entries(index.range)) {
    if (++steps % 1024 === 0) signal?.throwIfAborted();
    const content = openValue(key, value);
    const height = content && index.heightOf(key, content);
    if (height === undefined)
      faults.add({ what: index.what, where: `key ${hex(key)}`, found: 'not what was stored' });
    else if (height >= index.from && height <= to) count++;
    else if (height > chain.reach) count = Number.NaN;
  }
  return count === index.expected;
}

async function nameUnbacked(chain: Chain, index: Index, { to, faults, signal }: Options): Promise<void> {
  for await (const [key, value] of chain.store.entries(index.range)) {
    signal?.throwIfAborted();
    const content = openValue(key, value);
    const height = content && index.heightOf(key, content);
    if (!content || height === undefined || height < index.from) continue;
    if (height > to && height <= chain.reach) continue;
    if (height > chain.reach || !(await isBacked(index, key, content)))
      faults.add({
        what: index.what,
        where: `key ${hex(key)}`,
        expected: 'none',
        found: `an entry that block ${height} does not stand behind`,
      });
  }
}

/** What is damaged was named already, and stands behind nothing. */
async function isBacked(index: Index, key: Uint8Array, content: Buffer): Promise<boolean> {
  try {
    return await index.isBacked(key, content);
  } catch (error) {
    const isDamage = error instanceof ChainError && error.code === 'chain_damaged';
    if (isDamage || error instanceof RlpError || error instanceof CutBucketError) return false;
    throw error;
  }
}

async function isAt(
  chain: Chain,
  hash: Uint8Array,
  { height, index }: Place,
  oldestBody: number,
): Promise<boolean> {
  const { transactions } = await chain.store.readHeader(height);
  if (index >= transactions) return false;
  // Of a pruned block nothing but the count is kept.
  if (height < oldestBody) return true;
  const [chunk] = await chain.store.readReceipts(height, [Math.floor(index / RECEIPTS_IN_CHUNK)]);
  const found = chunk?.hashes[index % RECEIPTS_IN_CHUNK];
  return found !== undefined && Buffer.compare(found, hash) === 0;
}

/** A list whose first term stands in the receipt that it names belongs to its block, which compared it as a whole. */
async function hasTerm(chain: Chain, key: Uint8Array, list: Uint8Array): Promise<boolean> {
  const height = heightOfBucket(key);
  const [first] = readBucket(bucketOfKey(key), list);
  const position = first?.[1][0];
  const { transactions } = await chain.store.readHeader(height);
  if (!first || position === undefined || position >= transactions) return false;
  const [chunk] = await chain.store.readReceipts(height, [Math.floor(position / RECEIPTS_IN_CHUNK)]);
  const receipt = chunk && receiptsOf(chunk, height)[position % RECEIPTS_IN_CHUNK];
  const hashOf = createItemHasher(chain.store.keccak);
  const collector = createTermCollector((item) => hashOf(item).name);
  if (receipt) collector.add(position, readReceipt(receipt).logs);
  return collector.terms.has(first[0]);
}
