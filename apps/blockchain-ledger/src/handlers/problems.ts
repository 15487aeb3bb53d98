import { blockchainLedgerContract } from '@lucid/contracts';
import { problemsOf } from '@lucid/service-kit';
import { LedgerError } from '../domain/ledger-error.ts';

export const problem = problemsOf(blockchainLedgerContract);

/** Runs the work and turns what the log says into the contract's problems. */
export async function asProblems<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toLedgerProblem(error);
  }
}

/** What is not the log's stays what it is. */
export function toLedgerProblem(error: unknown): unknown {
  if (!(error instanceof LedgerError)) return error;
  switch (error.code) {
    case 'entry_too_large':
      return problem('payload_too_large', { cause: error });
    case 'entry_key_invalid':
      return problem('invalid_request', { detail: error.message, cause: error });
    case 'ledger_foreign':
      return problem('ledger_unavailable', { cause: error });
    case 'ledger_busy':
      return problem('ledger_busy', { extensions: { retryAfterMs: 1000 }, cause: error });
    case 'ledger_unavailable':
    case 'ledger_rolled_back':
    case 'ledger_damaged':
      return problem(error.code, { cause: error });
    default:
      return problem(error.code, { detail: error.message, cause: error });
  }
}
