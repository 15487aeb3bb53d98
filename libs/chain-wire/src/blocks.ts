/**
 * How blocks travel. All of it is RLP (Ethereum yellow paper, appendix B); block, transaction and receipt are Ethereum's own
 * encodings (EIP-2718 for typed ones), each carried as one byte string, so that nobody on the way has to take them apart.
 *
 *   proposal        [time in seconds, proposer (20), extra data, [transaction, …]]
 *   kept block      [block, [receipt, …], [sender (20), …]]
 *   executed block  [block, [receipt, …], [sender (20), …], [[hash (32), reason (UTF-8)], …]]
 *
 * Receipts and senders stand in the order of the block's transactions.
 */
import { encodeRlp, integerToBytes } from '@lucid/eth-proof';
import { bytesOf, decodeRlp, listOf, numberOf, type RlpItem, textOf } from './read-rlp.ts';
import { WireError } from './wire-error.ts';

export interface Proposal {
  /** Whole seconds since the Unix epoch. */
  readonly timestampSec: number;
  /** Coinbase, 20 bytes. */
  readonly proposer: Uint8Array;
  /** At most 32 bytes. */
  readonly extraData: Uint8Array;
  readonly transactions: readonly Uint8Array[];
}

export interface KeptBlock {
  /** Block as Ethereum encodes it: [header, [transaction, …], [], [withdrawal, …]?]. */
  readonly block: Uint8Array;
  /** Receipts as the receipts root takes them. */
  readonly receipts: readonly Uint8Array[];
  /** Addresses, 20 bytes each. */
  readonly senders: readonly Uint8Array[];
}

/** A transaction of the proposal that the block does not hold. */
export interface LeftOut {
  /** Hash of the transaction, 32 bytes. */
  readonly hash: Uint8Array;
  readonly reason: string;
}

export interface ExecutedBlock extends KeptBlock {
  readonly leftOut: readonly LeftOut[];
}

const ADDRESS_BYTES = 20;
const HASH_BYTES = 32;

const byteStrings = (item: RlpItem | undefined, what: string, sizeBytes?: number): Uint8Array[] =>
  listOf(item, what).map((each, index) => bytesOf(each, `${what} ${index}`, sizeBytes));

export const encodeProposal = (proposal: Proposal): Uint8Array =>
  encodeRlp([
    integerToBytes(proposal.timestampSec),
    proposal.proposer,
    proposal.extraData,
    proposal.transactions,
  ]);

/** Throws a WireError for bytes that are no proposal. */
export function decodeProposal(bytes: Uint8Array): Proposal {
  const [time, proposer, extraData, transactions] = listOf(decodeRlp(bytes, 'proposal'), 'proposal', 4);
  return {
    timestampSec: numberOf(time, 'time'),
    proposer: bytesOf(proposer, 'proposer', ADDRESS_BYTES),
    extraData: bytesOf(extraData, 'extra data'),
    transactions: byteStrings(transactions, 'transaction'),
  };
}

/** A list of byte strings: transactions that are to be checked. */
export const encodeTransactions = (transactions: readonly Uint8Array[]): Uint8Array =>
  encodeRlp(transactions);

/** Throws a WireError for bytes that are no list of byte strings. */
export const decodeTransactions = (bytes: Uint8Array): Uint8Array[] =>
  byteStrings(decodeRlp(bytes, 'transactions'), 'transaction');

export const encodeKeptBlock = ({ block, receipts, senders }: KeptBlock): Uint8Array =>
  encodeRlp([block, receipts, senders]);

function keptBlockOf([block, receipts, senders]: readonly RlpItem[]): KeptBlock {
  const kept = {
    block: bytesOf(block, 'block'),
    receipts: byteStrings(receipts, 'receipt'),
    senders: byteStrings(senders, 'sender', ADDRESS_BYTES),
  };
  if (kept.receipts.length !== kept.senders.length)
    throw new WireError(`${kept.receipts.length} receipts, but ${kept.senders.length} senders`);
  return kept;
}

/** Throws a WireError for bytes that are no kept block; the block inside is not judged. */
export const decodeKeptBlock = (bytes: Uint8Array): KeptBlock =>
  keptBlockOf(listOf(decodeRlp(bytes, 'kept block'), 'kept block', 3));

export const encodeExecutedBlock = ({ block, receipts, senders, leftOut }: ExecutedBlock): Uint8Array =>
  encodeRlp([
    block,
    receipts,
    senders,
    leftOut.map(({ hash, reason }) => [hash, new TextEncoder().encode(reason)]),
  ]);

/** Throws a WireError for bytes that are no executed block; the block inside is not judged. */
export function decodeExecutedBlock(bytes: Uint8Array): ExecutedBlock {
  const items = listOf(decodeRlp(bytes, 'executed block'), 'executed block', 4);
  const leftOut = listOf(items[3], 'left out').map((item, index) => {
    const [hash, reason] = listOf(item, `left out ${index}`, 2);
    return {
      hash: bytesOf(hash, `left out ${index}, hash`, HASH_BYTES),
      reason: textOf(reason, `left out ${index}, reason`),
    };
  });
  return { ...keptBlockOf(items), leftOut };
}
