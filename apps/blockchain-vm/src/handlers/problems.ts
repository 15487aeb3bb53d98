import { type ChainApplication, ChainError } from '@lucid/chain-application';
import { WireError } from '@lucid/chain-wire';
import { blockchainVmContract } from '@lucid/contracts';
import { KvError } from '@lucid/kv-store';
import { problemsOf } from '@lucid/service-kit';
import type { VmContext } from '../context.ts';
import type { Caller } from '../domain/execution-gate.ts';

export const problem = problemsOf(blockchainVmContract);

/** What the chain says that callers can do something about, with its detail. */
const SAID = new Set([
  'block_out_of_order',
  'block_invalid',
  'block_not_executed',
  'state_unknown',
  'transaction_unknown',
  'snapshot_unknown',
  'execution_limit',
] as const);
type Said = typeof SAID extends Set<infer Code> ? Code : never;
const isSaid = (code: string): code is Said => (SAID as ReadonlySet<string>).has(code);

function toProblem(error: unknown): unknown {
  if (error instanceof WireError) return problem('invalid_request', { detail: error.message, cause: error });
  if (error instanceof KvError)
    return problem(error.code === 'kv_disk_full' ? 'store_full' : 'vm_unavailable', { cause: error });
  if (!(error instanceof ChainError)) return error;
  if (isSaid(error.code)) return problem(error.code, { detail: error.message, cause: error });
  switch (error.code) {
    case 'state_damaged':
      return problem('state_damaged', { cause: error });
    case 'request_invalid':
    case 'transaction_invalid':
      return problem('invalid_request', { detail: error.message, cause: error });
    case 'block_unknown':
      return problem('state_unknown', { detail: error.message, cause: error });
    case 'block_pending':
      return problem('block_out_of_order', { detail: error.message, cause: error });
    default:
      return error;
  }
}

/** Runs work on the chain and turns what it says into the contract's problems. */
export async function onChain<T>(
  { chain }: VmContext,
  work: (chain: ChainApplication) => Promise<T> | T,
): Promise<T> {
  try {
    return await chain.use(work);
  } catch (error) {
    throw toProblem(error);
  }
}

/** The same for work that is forgotten, and takes its turn with others of its kind. */
export const onChainInTurn = <T>(
  context: VmContext,
  caller: Caller,
  work: (chain: ChainApplication) => Promise<T>,
): Promise<T> => context.executions.run(() => onChain(context, work), caller);
