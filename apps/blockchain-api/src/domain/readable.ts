/** What the node says in hex, as people read it. */
import type { blockchainApiContract, OutputOf } from '@lucid/contracts';

type Operations = (typeof blockchainApiContract)['operations'];
export type Block = OutputOf<Operations['getBlock']>;
export type BlockSummary = OutputOf<Operations['listBlocks']>['blocks'][number];
export type Transaction = OutputOf<Operations['getTransaction']>;
type WaitingTransaction = OutputOf<Operations['listPending']>['transactions'][number];

/** Objects of execution-apis: those of their members that are read here. */
export interface RpcBlock {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly miner: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  readonly gasUsed: string;
  readonly gasLimit: string;
  readonly baseFeePerGas?: string;
  readonly size: string;
  readonly transactions: readonly string[];
}
export interface RpcTransaction {
  readonly hash: string;
  readonly type: string;
  readonly from: string;
  readonly to: string | null;
  readonly nonce: string;
  readonly value: string;
  readonly gas: string;
  readonly gasPrice: string;
  readonly input: string;
  readonly blockTimestamp?: string | null;
}
export interface RpcReceipt {
  readonly status?: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly transactionIndex: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly contractAddress: string | null;
  readonly logs: readonly unknown[];
}

export const toCount = (quantity: string): number => Number(BigInt(quantity));
export const toWei = (quantity: string): string => BigInt(quantity).toString();
export const toTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
/** Some answers of the node have checksums in the letters' case. */
const toAddress = (address: string): string => address.toLowerCase();

export const toBlockSummary = (block: RpcBlock): BlockSummary => ({
  height: toCount(block.number),
  blockHash: block.hash,
  time: toTime(toCount(block.timestamp)),
  parentHash: block.parentHash,
  producer: toAddress(block.miner),
  transactionCount: block.transactions.length,
  gasUsed: toCount(block.gasUsed),
  gasLimit: toCount(block.gasLimit),
  baseFeeWei: block.baseFeePerGas === undefined ? null : toWei(block.baseFeePerGas),
  sizeBytes: toCount(block.size),
});

export const toBlock = (block: RpcBlock): Block => ({
  ...toBlockSummary(block),
  stateRoot: block.stateRoot,
  transactionsRoot: block.transactionsRoot,
  receiptsRoot: block.receiptsRoot,
  transactions: [...block.transactions],
});

export const toWaiting = (transaction: RpcTransaction): WaitingTransaction => ({
  transactionHash: transaction.hash,
  type: toCount(transaction.type),
  from: toAddress(transaction.from),
  to: transaction.to && toAddress(transaction.to),
  nonce: toCount(transaction.nonce),
  valueWei: toWei(transaction.value),
  gasLimit: toCount(transaction.gas),
  gasPriceWei: toWei(transaction.gasPrice),
  data: transaction.input,
});

/** `receipt` is null while it waits. */
export function toTransaction(transaction: RpcTransaction, receipt: RpcReceipt | null): Transaction {
  const waiting = toWaiting(transaction);
  if (receipt === null) return { ...waiting, status: 'pending' };
  return {
    ...waiting,
    status: receipt.status === '0x0' ? 'failed' : 'succeeded',
    block: {
      height: toCount(receipt.blockNumber),
      blockHash: receipt.blockHash,
      time: toTime(toCount(transaction.blockTimestamp ?? '0x0')),
      index: toCount(receipt.transactionIndex),
      gasUsed: toCount(receipt.gasUsed),
      feeWei: (BigInt(receipt.gasUsed) * BigInt(receipt.effectiveGasPrice)).toString(),
      contractAddress: receipt.contractAddress && toAddress(receipt.contractAddress),
      events: receipt.logs.length,
    },
  };
}
