/**
 * Whether a block's parts are those that its header names: hashes and roots of transactions, uncles, receipts and
 * withdrawals, bloom and gas. Nothing is executed: that the receipts follow from the state is the virtual machine's word.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { WireError } from '@lucid/chain-wire';
import { addToBloom, BLOOM_BYTES } from '@lucid/eth-proof';
import { ChainError } from './chain-error.ts';
import { createItemHasher } from './item-hasher.ts';
import type { Keccak256 } from './keccak.ts';
import { ADDRESS_SIZE_BYTES, type KeptBlock, readBody } from './kept-block.ts';
import { type BlockTerms, createTermCollector } from './log-terms.ts';
import { orderedTrieRoot } from './ordered-trie.ts';
import { type Receipt, readReceipt, typeOf } from './receipt.ts';
import { RlpError } from './rlp.ts';

export interface JudgedBlock {
  readonly block: KeptBlock;
  readonly transactionHashes: readonly Uint8Array[];
  /** Logs of each receipt. */
  readonly logCounts: readonly number[];
  readonly terms: BlockTerms;
}

export interface Mismatch {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

type Report = (what: string, expected: Uint8Array | string, found: Uint8Array | string) => void;

/** Throws `block_invalid` with the first thing that does not fit. */
export async function judgeBlock(keccak: Keccak256, block: KeptBlock): Promise<JudgedBlock> {
  const { judged, mismatches } = await compareBlock(keccak, block);
  const [first] = mismatches;
  if (first)
    throw new ChainError('block_invalid', {
      detail: `${first.what}: ${first.expected} was expected, this is ${first.found}`,
    });
  return judged;
}

/** All that does not fit; throws `RlpError` where a part cannot be read at all. Lets other work in between its steps. */
export async function compareBlock(
  keccak: Keccak256,
  block: KeptBlock,
): Promise<{ judged: JudgedBlock; mismatches: Mismatch[] }> {
  const mismatches: Mismatch[] = [];
  const report: Report = (what, expected, found) => {
    const text = (each: Uint8Array | string) => (typeof each === 'string' ? each : hex(each));
    if (text(expected) !== text(found))
      mismatches.push({ what, expected: text(expected), found: text(found) });
  };
  const { header } = block;
  const body = readBody(block.body);
  const transactionHashes = body.transactions.map((each) => keccak(each));
  report('transactions root', header.transactionsRoot, orderedTrieRoot(keccak, body.transactions));
  report('uncles hash', header.unclesHash, keccak(body.uncles));
  compareWithdrawals(keccak, { header, withdrawals: body.withdrawals }, report);
  report(
    'count of senders',
    String(body.transactions.length),
    String(block.senders.length / ADDRESS_SIZE_BYTES),
  );
  report('count of receipts', String(body.transactions.length), String(block.receipts.length));
  report(
    'count of different transactions',
    String(transactionHashes.length),
    String(countDifferent(transactionHashes)),
  );
  await nextTurn();
  report('receipts root', header.receiptsRoot, orderedTrieRoot(keccak, block.receipts));
  await nextTurn();
  const receipts = block.receipts.map(readReceipt);
  for (const [index, { type }] of receipts.entries()) {
    const transaction = body.transactions[index];
    if (transaction) report(`type of receipt ${index}`, String(typeOf(transaction)), String(type));
  }
  // A genesis block names what its makers liked.
  if (header.height > 0)
    report('gas used', String(header.gasUsed), String(receipts.at(-1)?.cumulativeGasUsed ?? 0n));
  const terms = compareBlooms(keccak, { bloom: header.bloom, receipts }, report);
  await nextTurn();
  const logCounts = receipts.map(({ logs }) => logs.length);
  return { judged: { block, transactionHashes, logCounts, terms }, mismatches };
}

const countDifferent = (hashes: readonly Uint8Array[]): number =>
  new Set(hashes.map((hash) => Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')))
    .size;

function compareWithdrawals(
  keccak: Keccak256,
  { header, withdrawals }: { header: KeptBlock['header']; withdrawals: readonly Uint8Array[] | undefined },
  report: Report,
): void {
  report(
    'withdrawals root',
    header.withdrawalsRoot ?? 'none',
    withdrawals ? orderedTrieRoot(keccak, withdrawals) : 'none',
  );
}

/** Compares each receipt's bloom with its logs, and the header's with all; gathers what the logs are found by. */
function compareBlooms(
  keccak: Keccak256,
  { bloom, receipts }: { bloom: Uint8Array; receipts: readonly Receipt[] },
  report: Report,
): BlockTerms {
  const hashOf = createItemHasher(keccak);
  const collector = createTermCollector((item) => hashOf(item).name);
  const whole = new Uint8Array(BLOOM_BYTES);
  const own = new Uint8Array(BLOOM_BYTES);
  const add = (item: Uint8Array): void => {
    const { hash } = hashOf(item);
    addToBloom(own, hash);
    addToBloom(whole, hash);
  };
  for (const [index, receipt] of receipts.entries()) {
    own.fill(0);
    for (const { address, topics } of receipt.logs) {
      add(address);
      for (const topic of topics) add(topic);
    }
    if (!isSame(own, receipt.bloom)) report(`bloom of receipt ${index}`, own, receipt.bloom);
    collector.add(index, receipt.logs);
  }
  if (!isSame(whole, bloom)) report('bloom', bloom, whole);
  return collector.terms;
}

/** Turns what cannot be read into `block_invalid`. */
export function asInvalid(error: unknown): unknown {
  return error instanceof RlpError || error instanceof WireError
    ? new ChainError('block_invalid', { detail: error.message, cause: error })
    : error;
}
