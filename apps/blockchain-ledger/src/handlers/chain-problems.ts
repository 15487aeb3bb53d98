import type { Chain } from '../chain/chain.ts';
import { ChainError } from '../chain/chain-error.ts';
import type { LedgerContext } from '../context.ts';
import { problem, toLedgerProblem } from './problems.ts';

/** Runs the work on the chain and turns what it says into the contract's problems. */
export async function onChain<T>(context: LedgerContext, work: (chain: Chain) => Promise<T> | T): Promise<T> {
  try {
    const chain = await context.chain.reader();
    if (!chain) throw new ChainError('not_in_chain', { detail: 'there is no block yet' });
    return await work(chain);
  } catch (error) {
    throw toReadProblem(error);
  }
}

const retryAfterMs = 1_000;

/** A reader hears of a chain that was set back as of a damaged one. */
export function toReadProblem(error: unknown): unknown {
  if (error instanceof ChainError && error.code === 'chain_rolled_back')
    return problem('chain_damaged', { cause: error });
  return toChainProblem(error);
}

/** What is neither the chain's nor the log's stays what it is. */
export function toChainProblem(error: unknown): unknown {
  if (!(error instanceof ChainError)) return toLedgerProblem(error);
  switch (error.code) {
    case 'range_invalid':
      return problem('invalid_request', { detail: error.message, cause: error });
    case 'chain_rolled_back':
      return problem('ledger_rolled_back', { cause: error });
    case 'chain_unavailable':
      return problem('ledger_unavailable', { extensions: { retryAfterMs }, cause: error });
    case 'chain_damaged':
    case 'store_full':
      return problem(error.code, { cause: error });
    default:
      return problem(error.code, { ...(error.detail && { detail: error.detail }), cause: error });
  }
}
