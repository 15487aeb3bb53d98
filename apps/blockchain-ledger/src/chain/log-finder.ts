/**
 * Logs by address and topics, in the order of the chain. The range is gone through in windows; in each, the buckets of
 * the criterion with the shortest lists are read, those of the others are looked up for the blocks found alone, and only
 * the receipts that all of them name are read and compared.
 */

import type { Chain } from './chain.ts';
import { ChainError, damaged } from './chain-error.ts';
import { receiptsOf } from './chain-store.ts';
import { readHeader } from './header.ts';
import { createItemHasher } from './item-hasher.ts';
import { ANY_LOG_TERM, bucketOf, readBucket, type Term, termOf } from './log-terms.ts';
import { countLogs, type Log, readReceipt } from './receipt.ts';
import { RlpError } from './rlp.ts';
import {
  bucketKey,
  bucketRange,
  heightOfBucket,
  openValue,
  RECEIPTS_IN_CHUNK,
  type ReceiptChunk,
} from './store-layout.ts';

export interface LogQuery {
  readonly fromHeight: number;
  readonly toHeight: number;
  /** One of them; any where there is none. */
  readonly addresses: readonly Uint8Array[];
  /** One of each place's; any where a place has none. A log must have as many topics as there are places. */
  readonly topics: readonly (readonly Uint8Array[])[];
}

export interface FoundLog extends Log {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly timestampSec: number;
  readonly transactionHash: Uint8Array;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

export const MAX_LOGS = 10_000;
const MAX_DATA_BYTES = 32 * 1024 * 1024;
const WINDOW_BLOCKS = 4096;
/** Bytes read of a criterion's lists before the next one is tried; then eight times as many. */
const FIRST_LIST_BYTES = 64 * 1024;
/** Where more lists than that would have to be looked up, the receipts are compared instead. */
const MAX_LOOK_UPS = 16_384;
const BLOCKS_AT_ONCE = 16;

/** Terms of which a transaction must have one, by their buckets. */
type Criterion = ReadonlyMap<string, ReadonlySet<Term>>;
/** Positions of transactions by height, both ascending. */
type Candidates = Map<number, readonly number[]>;

/** Throws `too_many_logs`, `not_in_chain`, `block_pruned`, `range_invalid`, `chain_damaged`. Blocks after the head are no fault. */
export async function findLogs(chain: Chain, query: LogQuery, signal?: AbortSignal): Promise<FoundLog[]> {
  const { fromHeight, toHeight } = query;
  if (fromHeight > toHeight) throw new ChainError('range_invalid');
  chain.assertBody(fromHeight);
  const end = Math.min(toHeight, chain.head?.height ?? 0);
  const criteria = criteriaOf(chain, query);
  const found: FoundLog[] = [];
  let dataBytes = 0;
  for (let from = fromHeight; from <= end; from += WINDOW_BLOCKS) {
    signal?.throwIfAborted();
    const window = { from, until: Math.min(from + WINDOW_BLOCKS, end + 1) };
    for await (const logs of matchesIn(chain, { window, criteria, query })) {
      found.push(...logs);
      for (const { data } of logs) dataBytes += data.length;
      if (found.length > MAX_LOGS || dataBytes > MAX_DATA_BYTES)
        throw new ChainError('too_many_logs', {
          detail: `more than ${MAX_LOGS}, or 32 MiB, up to block ${found.at(-1)?.height}`,
        });
    }
  }
  chain.assertBody(fromHeight);
  return found;
}

function criteriaOf(chain: Chain, { addresses, topics }: LogQuery): Criterion[] {
  const hashOf = createItemHasher(chain.store.keccak);
  const criteria = [addresses, ...topics]
    .map((items, place) => byBucket(items.map((item) => termOf(place, hashOf(item).name))))
    .filter(({ size }) => size > 0);
  return criteria.length > 0 ? criteria : [byBucket([ANY_LOG_TERM])];
}

function byBucket(terms: readonly Term[]): Criterion {
  const buckets = new Map<string, Set<Term>>();
  for (const term of terms) {
    const bucket = bucketOf(term);
    buckets.set(bucket, (buckets.get(bucket) ?? new Set()).add(term));
  }
  return buckets;
}

interface Window {
  readonly from: number;
  readonly until: number;
}

async function* matchesIn(
  chain: Chain,
  options: { window: Window; criteria: readonly Criterion[]; query: LogQuery },
): AsyncGenerator<FoundLog[]> {
  const { window, criteria, query } = options;
  const { rarest, candidates } = await readRarest(chain, criteria, window);
  for (const criterion of criteria)
    if (criterion !== rarest && criterion.size * candidates.size <= MAX_LOOK_UPS)
      await keepCommon(chain, candidates, criterion);
  const blocks = [...candidates].sort(([one], [other]) => one - other);
  for (let at = 0; at < blocks.length; at += BLOCKS_AT_ONCE)
    yield (
      await Promise.all(
        blocks
          .slice(at, at + BLOCKS_AT_ONCE)
          .map(([height, positions]) =>
            chain.body(height, () => matchesOf(chain, { height, positions, query })),
          ),
      )
    ).flat();
}

async function readRarest(
  chain: Chain,
  criteria: readonly Criterion[],
  window: Window,
): Promise<{ rarest: Criterion; candidates: Candidates }> {
  for (let limitBytes = FIRST_LIST_BYTES; ; limitBytes *= 8)
    for (const rarest of criteria) {
      const candidates = await readLists(chain, rarest, { window, limitBytes });
      if (candidates) return { rarest, candidates };
    }
}

/** Undefined where they are longer than `limitBytes`. */
async function readLists(
  chain: Chain,
  criterion: Criterion,
  { window, limitBytes }: { window: Window; limitBytes: number },
): Promise<Candidates | undefined> {
  const candidates: Candidates = new Map();
  let sizeBytes = 0;
  for (const [bucket, terms] of criterion)
    for await (const [key, value] of chain.store.entries(bucketRange(bucket, window.from, window.until))) {
      sizeBytes += key.length + value.length;
      if (sizeBytes > limitBytes) return undefined;
      const height = heightOfBucket(key);
      const list = openValue(key, value);
      if (!list) throw damaged(`the index of logs at block ${height} is not what was stored`);
      addTerms(candidates, height, { bucket, terms, list });
    }
  return candidates;
}

interface TermList {
  readonly bucket: string;
  readonly terms: ReadonlySet<Term>;
  readonly list: Uint8Array;
}

function addTerms(candidates: Candidates, height: number, { bucket, terms, list }: TermList): void {
  try {
    for (const [, positions] of readBucket(bucket, list, terms)) add(candidates, height, positions);
  } catch (cause) {
    throw damaged(`the index of logs at block ${height} is cut`, cause);
  }
}

function add(candidates: Candidates, height: number, positions: readonly number[]): void {
  const before = candidates.get(height);
  if (before === undefined) candidates.set(height, positions);
  else
    candidates.set(
      height,
      [...new Set([...before, ...positions])].sort((one, other) => one - other),
    );
}

/** Leaves the transactions that the criterion has, too. */
async function keepCommon(chain: Chain, candidates: Candidates, criterion: Criterion): Promise<void> {
  const heights = [...candidates.keys()];
  const others: Candidates = new Map();
  for (const [bucket, terms] of criterion) {
    const keys = heights.map((height) => bucketKey(bucket, height));
    const lists = await chain.store.readMany(keys, 'the index of logs');
    for (const [index, list] of lists.entries())
      if (list) addTerms(others, heights[index] as number, { bucket, terms, list });
  }
  for (const [height, positions] of candidates) {
    const other = new Set(others.get(height));
    const common = positions.filter((position) => other.has(position));
    if (common.length > 0) candidates.set(height, common);
    else candidates.delete(height);
  }
}

async function matchesOf(
  chain: Chain,
  { height, positions, query }: { height: number; positions: readonly number[]; query: LogQuery },
): Promise<FoundLog[]> {
  const numbers = [...new Set(positions.map((position) => Math.floor(position / RECEIPTS_IN_CHUNK)))];
  const [record, chunks] = await Promise.all([
    chain.header(height),
    chain.store.readReceipts(height, numbers),
  ]);
  const { timestampSec } = readHeader(record.headerRlp);
  const found: FoundLog[] = [];
  for (const [at, number] of numbers.entries())
    for (const each of logsOf(chunks[at] as ReceiptChunk, { height, number, positions }))
      if (isMatch(each, query)) found.push({ ...each, height, blockHash: record.blockHash, timestampSec });
  return found;
}

type PlacedLog = Omit<FoundLog, 'height' | 'blockHash' | 'timestampSec'>;

function logsOf(
  chunk: ReceiptChunk,
  { height, number, positions }: { height: number; number: number; positions: readonly number[] },
): PlacedLog[] {
  const wanted = new Set(positions);
  const logs: PlacedLog[] = [];
  let logIndex = chunk.logsBefore;
  try {
    for (const [index, receipt] of receiptsOf(chunk, height).entries()) {
      const transactionIndex = number * RECEIPTS_IN_CHUNK + index;
      if (!wanted.has(transactionIndex)) {
        logIndex += countLogs(receipt);
        continue;
      }
      const transactionHash = chunk.hashes[index] as Uint8Array;
      for (const log of readReceipt(receipt).logs)
        logs.push({ ...log, transactionHash, transactionIndex, logIndex: logIndex++ });
    }
  } catch (error) {
    throw error instanceof RlpError ? damaged(`receipts of block ${height} are no receipts`, error) : error;
  }
  return logs;
}

const isOneOf = (items: readonly Uint8Array[], item: Uint8Array | undefined): boolean =>
  items.length === 0 || (item !== undefined && items.some((each) => Buffer.compare(each, item) === 0));

const isMatch = ({ address, topics }: Log, query: LogQuery): boolean =>
  topics.length >= query.topics.length &&
  isOneOf(query.addresses, address) &&
  query.topics.every((items, place) => isOneOf(items, topics[place]));
