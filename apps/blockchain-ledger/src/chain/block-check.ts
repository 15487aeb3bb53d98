import { compareBlock, type JudgedBlock } from './block-judge.ts';
import { chunksOf, operationsOf } from './block-operations.ts';
import type { Chain } from './chain.ts';
import { ChainError } from './chain-error.ts';
import { receiptsOf } from './chain-store.ts';
import type { FaultList } from './fault-list.ts';
import { readHeader } from './header.ts';
import type { IndexCounts } from './index-check.ts';
import type { KeptBlock } from './kept-block.ts';
import { RlpError } from './rlp.ts';
import {
  bodyKey,
  contentRange,
  decodeChunk,
  type HeaderRecord,
  openValue,
  receiptsKey,
  sendersKey,
} from './store-layout.ts';

const KEYS_AT_ONCE = 1_000;
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

interface Options {
  readonly height: number;
  readonly record: HeaderRecord;
  readonly faults: FaultList;
  readonly counts: IndexCounts;
}

/** Body, senders and receipts of a block, and what the indexes say of them. */
export async function checkContent(chain: Chain, options: Options): Promise<void> {
  const { height, record, faults, counts } = options;
  counts.transactions += record.transactions;
  const block = await readContent(chain, options);
  if (!block) return;
  try {
    const { judged, mismatches } = await compareBlock(chain.store.keccak, block);
    for (const { what, expected, found } of mismatches)
      faults.add({ what: partOf(what), where: `block ${height}, ${what}`, expected, found });
    if (mismatches.length === 0) await checkDerived(chain, judged, options);
  } catch (error) {
    if (!(error instanceof RlpError)) throw error;
    faults.add({ what: 'body', where: `block ${height}`, found: error.message });
  }
}

const partOf = (mismatch: string): string => {
  if (mismatch === 'count of senders') return 'senders';
  return /receipt|bloom|gas/.test(mismatch) ? 'receipts' : 'body';
};

/** All that the store has under the block's keys; undefined where a part of it is missing or damaged. */
async function readContent(
  chain: Chain,
  { height, record, faults }: Options,
): Promise<KeptBlock | undefined> {
  const contents = new Map<string, Buffer>();
  const before = faults.count;
  for await (const [key, value] of chain.store.entries(contentRange(height, height + 1))) {
    const content = openValue(key, value);
    if (content) contents.set(hex(key), content);
    else
      faults.add({
        what: nameOf(key),
        where: `block ${height}, key ${hex(key)}`,
        found: 'not what was stored',
      });
  }
  const chunks = chunksOf(record.transactions);
  const keys = [
    bodyKey(height),
    sendersKey(height),
    ...Array.from({ length: chunks }, (_, chunk) => receiptsKey(height, chunk)),
  ];
  const parts = keys.map((key) => take(contents, key, { height, faults }));
  for (const key of contents.keys())
    faults.add({
      what: 'body',
      where: `block ${height}, key ${key}`,
      expected: 'none',
      found: 'a stray value',
    });
  if (faults.count > before) return undefined;
  return joinParts(parts as Buffer[], { height, record, faults });
}

const nameOf = (key: Uint8Array): string => ['body', 'senders', 'receipts'][key[9] ?? 0] ?? 'body';

function take(
  contents: Map<string, Buffer>,
  key: Uint8Array,
  { height, faults }: { height: number; faults: FaultList },
): Buffer | undefined {
  const content = contents.get(hex(key));
  contents.delete(hex(key));
  if (!content)
    faults.add({ what: nameOf(key), where: `block ${height}, key ${hex(key)}`, found: 'missing' });
  return content;
}

function joinParts(
  [body, senders, ...chunks]: Buffer[],
  { height, record, faults }: { height: number; record: HeaderRecord; faults: FaultList },
): KeptBlock | undefined {
  try {
    const receipts = chunks.flatMap((content) => {
      const chunk = decodeChunk(content);
      if (!chunk) throw new RlpError('a chunk of receipts is cut');
      return receiptsOf(chunk, height);
    });
    return {
      headerRlp: record.headerRlp,
      header: readHeader(record.headerRlp),
      blockHash: record.blockHash,
      body: body as Buffer,
      senders: senders as Buffer,
      receipts,
    };
  } catch (error) {
    if (!(error instanceof RlpError || error instanceof ChainError)) throw error;
    faults.add({ what: 'receipts', where: `block ${height}`, found: error.message });
    return undefined;
  }
}

/** Every value that a block's batch wrote, against the one that it would write today. */
async function checkDerived(chain: Chain, judged: JudgedBlock, options: Options): Promise<void> {
  const { height, record, faults, counts } = options;
  const operations = operationsOf(judged, record.transactionsBefore);
  for (let at = 0; at < operations.length; at += KEYS_AT_ONCE) {
    const some = operations.slice(at, at + KEYS_AT_ONCE);
    const values = await chain.store.lookAtValues(some.map(({ key }) => key));
    for (const [index, operation] of some.entries()) {
      const value = values[index];
      const isEqual =
        operation.type === 'put' && value !== undefined && Buffer.compare(operation.value, value) === 0;
      if (isEqual) {
        if (operation.key[0] === 5) counts.buckets++;
        continue;
      }
      const where = `block ${height}, key ${hex(operation.key)}`;
      faults.add({
        what: DERIVED[operation.key[0] ?? 0] ?? 'body',
        where,
        ...(operation.type === 'put' && { expected: hex(operation.value.subarray(0, 64)) }),
        found: value ? hex(value.subarray(0, 64)) : 'missing',
      });
    }
  }
}

const DERIVED: Readonly<Record<number, string>> = {
  1: 'header',
  2: 'receipts',
  3: 'index of block hashes',
  4: 'index of transactions',
  5: 'index of logs',
};
