/** A transaction that waits. Fees are in wei per gas. */
export interface PoolTransaction {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly sender: string;
  readonly nonce: number;
  readonly gasLimit: bigint;
  /** Gas price of types 0 and 1. */
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Most that it can take from its sender: value and gas. */
  readonly cost: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly arrivedAtMs: number;
}

/** One that the mempool took, with its place in the order of arrival. */
export interface PooledTransaction extends PoolTransaction {
  readonly arrival: number;
}

/** Wei per gas for the block's producer; undefined where the base fee is more than it pays. */
export function effectiveTip(transaction: PoolTransaction, baseFee: bigint): bigint | undefined {
  const room = transaction.maxFeePerGas - baseFee;
  if (room < 0n) return undefined;
  return transaction.maxPriorityFeePerGas < room ? transaction.maxPriorityFeePerGas : room;
}
