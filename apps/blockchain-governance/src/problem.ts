import { ChainClientError, isChainClientError } from '@lucid/chain-client';
import { blockchainGovernanceContract } from '@lucid/contracts';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(blockchainGovernanceContract);

/** What the chain does not answer, in the words of this contract; reverts stay what they are. */
export async function askingChain<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (
      cause instanceof ChainClientError &&
      !isChainClientError(cause, 'call_reverted', 'insufficient_funds')
    )
      throw problem('chain_unavailable', { cause });
    throw cause;
  }
}

/** What the index answers, likewise. */
export async function askingIndex<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isProblem(cause, 'ledger_unavailable', 'not_provable')) throw problem('chain_unavailable', { cause });
    throw cause;
  }
}
