/** `txpool_`: what waits. */

import { bytesToBigInt, fromHex, toQuantity } from '@lucid/chain-wire';
import { checksumAddress } from '@lucid/eth-proof';
import { stringOf } from '../../formats/rlp-slices.ts';
import { readTransaction, receiverOf } from '../../formats/transaction.ts';
import type { PooledTransaction } from '../../mempool/pool-transaction.ts';
import { type Methods, method } from '../method.ts';
import type { RpcNode } from '../node.ts';
import { address } from '../parameters.ts';
import { codes, RpcError } from '../rpc-error.ts';
import { describeWaiting } from './block-methods.ts';

const byNonce = <T>(
  transactions: readonly PooledTransaction[],
  describe: (transaction: PooledTransaction) => T,
): Record<string, T> => Object.fromEntries(transactions.map((each) => [String(each.nonce), describe(each)]));

/** Written as hex, and with names, several times as much. */
const mostBytesShown = 4 * 1024 * 1024;

function content<T>({ pool }: RpcNode, describe: (transaction: PooledTransaction) => T) {
  if (pool.sizeBytes > mostBytesShown)
    throw new RpcError(codes.responseTooLarge, 'response too large; ask for one sender (txpool_contentFrom)');
  const pending: Record<string, Record<string, T>> = {};
  const queued: Record<string, Record<string, T>> = {};
  for (const each of pool.bySender()) {
    const name = checksumAddress(fromHex(each.sender));
    if (each.pending.length > 0) pending[name] = byNonce(each.pending, describe);
    if (each.queued.length > 0) queued[name] = byNonce(each.queued, describe);
  }
  return { pending, queued };
}

/** As geth says it in one line. */
function summary({ bytes }: PooledTransaction): string {
  const transaction = readTransaction(bytes);
  const { shape, members } = transaction;
  const integer = (place: number) => bytesToBigInt(stringOf(members[place]));
  const to = receiverOf(transaction);
  const target = to === null ? 'contract creation' : checksumAddress(fromHex(to));
  return `${target}: ${integer(shape.gas + 2)} wei + ${integer(shape.gas)} gas × ${integer(shape.fee)} wei`;
}

export const poolMethods = (node: RpcNode): Methods => ({
  txpool_status: method([], () => ({
    pending: toQuantity(node.pool.pending),
    queued: toQuantity(node.pool.queued),
  })),
  txpool_content: method([], () => content(node, describeWaiting)),
  txpool_contentFrom: method([address], ([sender]) => {
    const { pending, queued } = node.pool.contentOf(sender);
    return { pending: byNonce(pending, describeWaiting), queued: byNonce(queued, describeWaiting) };
  }),
  txpool_inspect: method([], () => content(node, summary)),
});
