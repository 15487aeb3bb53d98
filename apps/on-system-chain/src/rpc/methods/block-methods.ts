/** Blocks and transactions. */

import { toHex, toQuantity } from '@lucid/chain-wire';
import { jsonText } from '@lucid/service-kit';
import type { ChainBlock } from '../../chain/chain-block.ts';
import { describeTransaction, nowhere } from '../../formats/transaction.ts';
import type { PoolTransaction } from '../../mempool/pool-transaction.ts';
import { type Methods, method } from '../method.ts';
import { andThen, blockOf, type Maybe, type RpcNode } from '../node.ts';
import { block, blockNumber, count, flag, hash, optional } from '../parameters.ts';

export const describeWaiting = (transaction: PoolTransaction) =>
  describeTransaction(transaction.bytes, {
    hash: transaction.hash,
    sender: transaction.sender,
    place: nowhere,
    baseFee: undefined,
  });

/** A transaction of the chain with its block; null where no block holds it. */
const found = <R>(
  { view }: RpcNode,
  transaction: string,
  next: (block: ChainBlock, index: number) => R,
): Maybe<R | null> =>
  andThen(view.positionOf(transaction), (position) =>
    position === null
      ? null
      : andThen(view.block(position.height), (block) => (block ? next(block, position.index) : null)),
  );

const receiptsText = (block: ChainBlock): string =>
  `[${block.transactions.map((_each, index) => block.receiptText(index)).join(',')}]`;

export function blockMethods(node: RpcNode): Methods {
  const whole = (id: Parameters<typeof blockOf>[1], withTransactions = false) =>
    andThen(blockOf(node, id), (each) => each?.describe(withTransactions) ?? null);
  const countOf = (id: Parameters<typeof blockOf>[1]) =>
    andThen(blockOf(node, id), (each) => (each ? toQuantity(each.transactions.length) : null));
  const transactionAt = (id: Parameters<typeof blockOf>[1], index: number) =>
    andThen(blockOf(node, id), (each) =>
      each && index < each.transactions.length ? each.describeTransaction(index) : null,
    );
  const unclesOf = (id: Parameters<typeof blockOf>[1]) =>
    andThen(blockOf(node, id), (each) => (each ? toQuantity(each.uncleHashes.length) : null));
  return {
    eth_getBlockByNumber: method([blockNumber, optional(flag)], ([id, full]) => whole(id, full)),
    eth_getBlockByHash: method([hash, optional(flag)], ([id, full]) => whole({ hash: id }, full)),
    eth_getBlockTransactionCountByNumber: method([blockNumber], ([id]) => countOf(id)),
    eth_getBlockTransactionCountByHash: method([hash], ([id]) => countOf({ hash: id })),
    eth_getUncleCountByBlockNumber: method([blockNumber], ([id]) => unclesOf(id)),
    eth_getUncleCountByBlockHash: method([hash], ([id]) => unclesOf({ hash: id })),
    // The hashes of uncles are in their block; their headers are not kept apart.
    eth_getUncleByBlockNumberAndIndex: method([blockNumber, count], () => null),
    eth_getUncleByBlockHashAndIndex: method([hash, count], () => null),
    eth_getBlockReceipts: method([block], ([id]) =>
      andThen(blockOf(node, id), (each) => (each ? jsonText(receiptsText(each)) : null)),
    ),
    eth_getTransactionByHash: method([hash], ([id]) => {
      const waiting = node.pool.get(id);
      if (waiting) return describeWaiting(waiting);
      return found(node, id, (each, index) => each.describeTransaction(index));
    }),
    eth_getTransactionByBlockHashAndIndex: method([hash, count], ([id, index]) =>
      transactionAt({ hash: id }, index),
    ),
    eth_getTransactionByBlockNumberAndIndex: method([blockNumber, count], ([id, index]) =>
      transactionAt(id, index),
    ),
    eth_getTransactionReceipt: method([hash], ([id]) =>
      found(node, id, (each, index) => jsonText(each.receiptText(index))),
    ),
    eth_getRawTransactionByHash: method([hash], ([id]) => rawTransaction(node, id)),
  };
}

/** `0x` where nobody knows it. */
export function rawTransaction(node: RpcNode, id: string): Maybe<string> {
  const waiting = node.pool.get(id);
  if (waiting) return toHex(waiting.bytes);
  return andThen(
    found(node, id, (each, index) => toHex(each.transactions[index] as Uint8Array)),
    (raw) => raw ?? '0x',
  );
}
