/**
 * A kept block taken apart. How it travels is @lucid/chain-wire's: block, receipts and senders, each a string of bytes.
 * The block is [header, transactions, uncles, withdrawals from Shanghai on], as Ethereum encodes it.
 */
import { decodeKeptBlock } from '@lucid/chain-wire';
import { type Header, readHeader } from './header.ts';
import type { Keccak256 } from './keccak.ts';
import { consensusBytes } from './receipt.ts';
import { encodeBytes, encodeList, listOf, RlpError, readItems, readRlp } from './rlp.ts';

export const ADDRESS_SIZE_BYTES = 20;

export interface KeptBlock {
  /** RLP of the header. */
  readonly headerRlp: Uint8Array;
  readonly header: Header;
  readonly blockHash: Uint8Array;
  /** What follows the header in the block: the encoded items, one after the other. */
  readonly body: Uint8Array;
  /** As the receipts root takes them. */
  readonly receipts: readonly Uint8Array[];
  /** Addresses, one after the other. */
  readonly senders: Uint8Array;
}

export interface Body {
  /** In their consensus encoding. */
  readonly transactions: readonly Uint8Array[];
  /** RLP of the list. */
  readonly uncles: Uint8Array;
  readonly withdrawals: readonly Uint8Array[] | undefined;
}

/** Throws `RlpError` or `WireError` where it is none; whether the parts fit each other is judged elsewhere. */
export function readKeptBlock(keccak: Keccak256, bytes: Uint8Array): KeptBlock {
  const { block, receipts, senders } = decodeKeptBlock(bytes);
  const blockItem = readRlp(block);
  const headerItem = listOf(blockItem, 'the block')[0];
  if (!headerItem) throw new RlpError('the block is empty');
  return {
    headerRlp: headerItem.raw,
    header: readHeader(headerItem),
    blockHash: keccak(headerItem.raw),
    body: blockItem.content.subarray(headerItem.raw.length),
    receipts,
    senders: Buffer.concat(senders),
  };
}

export function readBody(body: Uint8Array): Body {
  const [transactions, uncles, withdrawals, ...more] = readItems(body);
  if (more.length > 0) throw new RlpError('the block has more than 4 parts');
  if (!uncles?.isList) throw new RlpError('the block has no list of uncles');
  return {
    transactions: listOf(transactions, 'the list of transactions').map((item) =>
      consensusBytes(item, 'a transaction'),
    ),
    uncles: uncles.raw,
    withdrawals: withdrawals && listOf(withdrawals, 'the list of withdrawals').map(({ raw }) => raw),
  };
}

/** The block as it came, byte by byte; `receipts` is what stands in their list, each encoded as a string. */
export function joinKeptBlock(parts: {
  headerRlp: Uint8Array;
  body: Uint8Array;
  receipts: readonly Uint8Array[];
  senders: Uint8Array;
}): Uint8Array {
  const count = parts.senders.length / ADDRESS_SIZE_BYTES;
  const senders = Buffer.alloc(count * (1 + ADDRESS_SIZE_BYTES), 0x80 + ADDRESS_SIZE_BYTES);
  for (let index = 0; index < count; index++)
    senders.set(
      parts.senders.subarray(index * ADDRESS_SIZE_BYTES, (index + 1) * ADDRESS_SIZE_BYTES),
      index * (1 + ADDRESS_SIZE_BYTES) + 1,
    );
  return encodeList([
    encodeBytes(encodeList([parts.headerRlp, parts.body])),
    encodeList(parts.receipts),
    encodeList([senders]),
  ]);
}
