import { blockchainSessionsDataContract } from '@lucid/contracts';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(blockchainSessionsDataContract);

/** What the ledger answers, in the words of this contract. */
export async function asking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isProblem(cause, 'not_in_chain', 'block_pruned', 'not_in_log'))
      throw problem('not_provable', { cause });
    if (isProblem(cause, 'ledger_unavailable', 'unavailable', 'deadline_exceeded'))
      throw problem('ledger_unavailable', { cause });
    throw cause;
  }
}
