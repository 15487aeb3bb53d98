/** One look at what was handed in, by whoever carries it. */
import type { ChainReceipt } from '@lucid/chain-client';
import type { ProblemError } from '@lucid/service-kit';
import type { RelayDocument } from '../store/relay-store.ts';

export interface RelayStep {
  /** To be written down. */
  readonly change: Partial<RelayDocument>;
  /** For who handed it in just now. */
  readonly refusal?: ProblemError;
}

export interface Carrier {
  /** Sends it where the chain has it not; `isFirst` where somebody waits for the answer. @throws ChainClientError */
  advance(document: RelayDocument, isFirst: boolean): Promise<RelayStep>;
}

export const failed = (reason: string, refusal?: ProblemError): RelayStep => ({
  change: { state: 'failed', reason },
  ...(refusal && { refusal }),
});

const rolledBack = 'its transaction was rolled back';

/** `why`: the name of the error with which it would be refused now. */
export function stepOfReceipt(receipt: ChainReceipt, why?: string): RelayStep {
  const { transactionHash, blockNumber, status } = receipt;
  const place = { transactionHash, height: Number(blockNumber) };
  if (status === 'success') return { change: { ...place, state: 'included' } };
  return { change: { ...place, state: 'failed', reason: why ? `${rolledBack}: ${why}` : rolledBack } };
}
