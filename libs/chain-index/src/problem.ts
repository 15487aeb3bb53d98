import { isProblem, ProblemError, type ProblemOptions } from '@lucid/service-kit';

/** What an index may refuse with; contracts of services that have one declare the same. Closed set. */
export type IndexProblemCode =
  /** The ledger holds another chain than the one that was indexed. */
  | 'chain_replaced'
  /** The index is being forgotten before it is made anew. */
  | 'index_clearing'
  /** The ledger no longer keeps the blocks that the index was made from. */
  | 'history_pruned'
  | 'ledger_unavailable'
  /** The ledger has no block or proof of what is asked, or not yet. */
  | 'not_provable';

export const indexProblem = (
  code: IndexProblemCode,
  options?: ProblemOptions,
): ProblemError<IndexProblemCode> => new ProblemError(code, options);

/** What the ledger answers, in these words. @throws ProblemError not_provable, ledger_unavailable; others as they are */
export async function askingLedger<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isProblem(cause, 'not_in_chain', 'block_pruned', 'not_in_log'))
      throw indexProblem('not_provable', { cause });
    if (isProblem(cause, 'ledger_unavailable', 'unavailable', 'deadline_exceeded'))
      throw indexProblem('ledger_unavailable', { cause });
    throw cause;
  }
}
