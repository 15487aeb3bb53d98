/**
 * Recomputes everything that is kept of a range of blocks, one block in memory at a time: hash and parent of each header,
 * its entry in the log, the roots and blooms of the body, and what the indexes say of all that. Then the indexes are
 * counted: each block confirmed its own entries, so a count that differs tells of entries that nothing stands behind, and
 * those are looked for and named.
 */
import { checkContent } from './block-check.ts';
import type { Chain } from './chain.ts';
import { ChainError } from './chain-error.ts';
import { type Fault, FaultList } from './fault-list.ts';
import { readHeader } from './header.ts';
import { checkIndexCounts, type IndexCounts } from './index-check.ts';
import { RlpError } from './rlp.ts';
import {
  blockHashKey,
  contentRange,
  decodeHeight,
  type HeaderRecord,
  type HeadRecord,
} from './store-layout.ts';

export interface ChainReport {
  readonly blocks: number;
  readonly transactions: number;
  /** All; of them at most 1,000 are named. */
  readonly faultsFound: number;
  readonly faults: Fault[];
}

export interface CheckedRange {
  /** Default: the first block. */
  readonly fromHeight?: number | undefined;
  /** Default: the newest one. */
  readonly toHeight?: number | undefined;
}

/** What the check carries from one block to the next. */
interface Walk {
  readonly chain: Chain;
  readonly head: HeadRecord;
  readonly from: number;
  readonly to: number;
  readonly faults: FaultList;
  readonly counts: IndexCounts;
  before: HeaderRecord | undefined;
}

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** Throws `not_in_chain` where there is no block of the range, and what the engine or the log cannot do now. */
export const checkChain = (chain: Chain, range: CheckedRange, signal?: AbortSignal): Promise<ChainReport> =>
  chain.maintain(() => checkRange(chain, range, signal));

async function checkRange(chain: Chain, range: CheckedRange, signal?: AbortSignal): Promise<ChainReport> {
  const { head } = chain;
  const from = range.fromHeight ?? 0;
  if (!head || from > head.height) throw new ChainError('not_in_chain');
  const to = Math.min(range.toHeight ?? head.height, head.height);
  if (from > to) throw new ChainError('range_invalid');
  const faults = new FaultList();
  const counts: IndexCounts = { blocks: 0, transactions: 0, buckets: 0 };
  const walk: Walk = { chain, head, from, to, faults, counts, before: undefined };
  if (from > 0) walk.before = await readRecord(walk, from - 1);
  for (let height = from; height <= to; height++) {
    signal?.throwIfAborted();
    await checkBlock(walk, height);
  }
  await checkEnds(walk);
  await checkIndexCounts(chain, { from, to, oldestBody: head.oldestBody, counts, faults, signal });
  return {
    blocks: to - from + 1,
    transactions: counts.transactions,
    faultsFound: faults.count,
    faults: faults.named,
  };
}

/** The record of a header where it is sound; a fault where not. */
async function readRecord({ chain, faults }: Walk, height: number): Promise<HeaderRecord | undefined> {
  try {
    return await chain.store.readHeader(height);
  } catch (error) {
    if (!(error instanceof ChainError && error.code === 'chain_damaged')) throw error;
    faults.add({ what: 'header', where: `block ${height}`, found: error.detail ?? 'damaged' });
    return undefined;
  }
}

async function checkBlock(walk: Walk, height: number): Promise<void> {
  const record = await readRecord(walk, height);
  if (record) {
    checkHeader(walk, height, record);
    await checkLogEntry(walk, height, record.headerRlp);
    await checkBlockHash(walk, height, record.blockHash);
    if (height >= walk.head.oldestBody) await checkContent(walk.chain, { height, record, ...walk });
    else walk.counts.transactions += record.transactions;
  }
  walk.before = record;
}

function checkHeader({ faults, before, head, from }: Walk, height: number, record: HeaderRecord): void {
  const where = `block ${height}`;
  try {
    const header = readHeader(record.headerRlp);
    faults.compare('header', `${where}, number`, String(height), String(header.height));
    if (before)
      faults.compare('header', `${where}, parent hash`, hex(before.blockHash), hex(header.parentHash));
  } catch (error) {
    if (!(error instanceof RlpError)) throw error;
    faults.add({ what: 'header', where, found: error.message });
  }
  if (before || height === 0) {
    const earlier = before ? before.transactionsBefore + before.transactions : 0;
    faults.compare(
      'header',
      `${where}, count of earlier transactions`,
      String(earlier),
      String(record.transactionsBefore),
    );
  }
  if (height === head.height && height >= from) {
    faults.compare('head', 'block hash', hex(record.blockHash), hex(head.blockHash));
    const total = record.transactionsBefore + record.transactions;
    faults.compare('head', 'count of transactions', String(total), String(head.transactions));
  }
}

async function checkLogEntry({ chain, faults }: Walk, height: number, headerRlp: Uint8Array): Promise<void> {
  const where = `block/${height}`;
  try {
    const entry = await chain.log.find(height);
    if (entry === undefined) faults.add({ what: 'log entry', where, found: 'missing' });
    else faults.compare('log entry', where, hex(headerRlp), hex(entry));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ledger_damaged') throw error;
    faults.add({ what: 'log entry', where, found: (error as Error).message });
  }
}

async function checkBlockHash(walk: Walk, height: number, blockHash: Uint8Array): Promise<void> {
  const [opened] = await walk.chain.store.lookAt([blockHashKey(blockHash)]);
  const found = opened && decodeHeight(opened);
  if (found === height) walk.counts.blocks++;
  else
    walk.faults.add({
      what: 'index of block hashes',
      where: hex(blockHash),
      expected: `block ${height}`,
      found: found === undefined ? 'missing or damaged' : `block ${found}`,
    });
}

/** What stands beyond the ends of the chain. */
async function checkEnds({ chain, head, to, faults }: Walk): Promise<void> {
  for await (const [key] of chain.store.entries({ ...contentRange(0, head.oldestBody), limit: 1 }))
    if (!chain.isSweeping)
      faults.add({ what: 'body', where: `key ${hex(key)}`, expected: 'pruned', found: 'still there' });
  if (to < head.height) return;
  // A block on its way stands there rightly.
  if ((await chain.log.find(head.height + 1)) && chain.reach === head.height)
    faults.add({
      what: 'log entry',
      where: `block/${head.height + 1}`,
      expected: 'none',
      found: 'a block that the store lacks',
    });
}
