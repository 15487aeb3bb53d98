/** What a block takes of what waits: by tip, then by arrival, each sender's in the order of their nonces. */
import { Heap } from './heap.ts';
import { effectiveTip, type PooledTransaction } from './pool-transaction.ts';
import type { SenderQueue } from './sender-queue.ts';

export interface BlockSpace {
  readonly baseFee: bigint;
  readonly maxTransactions: number;
  readonly maxBytes: number;
  /** Sum of gas limits. */
  readonly maxGas: bigint;
}

interface Candidate {
  readonly transaction: PooledTransaction;
  readonly sender: SenderQueue;
  readonly tip: bigint;
}

const isBetter = (a: Candidate, b: Candidate): boolean =>
  a.tip === b.tip ? a.transaction.arrival < b.transaction.arrival : a.tip > b.tip;

/** The sender's transaction of this nonce, where it could be the next. */
function candidateOf(sender: SenderQueue, nonce: number, baseFee: bigint): Candidate | undefined {
  const transaction = sender.isExecutable(nonce) ? sender.at(nonce) : undefined;
  const tip = transaction && effectiveTip(transaction, baseFee);
  return transaction && tip !== undefined ? { transaction, sender, tip } : undefined;
}

/** Nothing is removed. What does not fit keeps out what of the same sender is behind it. */
export function selectForBlock(senders: Iterable<SenderQueue>, space: BlockSpace): PooledTransaction[] {
  const chosen: PooledTransaction[] = [];
  let bytes = 0;
  let gas = 0n;
  const heads = new Heap<Candidate>(isBetter);
  const push = (sender: SenderQueue, nonce: number): void => {
    const candidate = candidateOf(sender, nonce, space.baseFee);
    if (candidate) heads.push(candidate);
  };
  for (const sender of senders) push(sender, sender.accountNonce);
  for (let best = heads.pop(); best && chosen.length < space.maxTransactions; best = heads.pop()) {
    const { transaction, sender } = best;
    if (bytes + transaction.bytes.length > space.maxBytes || gas + transaction.gasLimit > space.maxGas)
      continue;
    bytes += transaction.bytes.length;
    gas += transaction.gasLimit;
    chosen.push(transaction);
    push(sender, transaction.nonce + 1);
  }
  return chosen;
}

/** Whether a block of this base fee would take one. */
export function hasCandidate(senders: Iterable<SenderQueue>, baseFee: bigint): boolean {
  for (const sender of senders) if (candidateOf(sender, sender.accountNonce, baseFee)) return true;
  return false;
}
