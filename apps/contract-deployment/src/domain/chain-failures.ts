/** What the chain client says, in the words of the contract. */
import { type ChainClientError, isChainClientError, reasonText } from '@lucid/chain-client';
import { type DeploymentFailureCode, deploymentLimits } from '@lucid/contracts';
import { problem } from '../problem.ts';

export interface Failure {
  readonly code: DeploymentFailureCode;
  readonly detail: string;
}

/** JSON-RPC's code of a server for what an execution broke off by. */
const EXECUTION_FAILED = -32_000;

const unavailable: Failure = {
  code: 'chain_unavailable',
  detail: 'The chain does not answer, or is behind. Ask again for the same id.',
};

function refusedFailure({ rpcCode }: ChainClientError): Failure {
  if (rpcCode !== EXECUTION_FAILED) return unavailable;
  return {
    code: 'execution_reverted',
    detail:
      'It breaks off without a reason: an instruction that is none, work without end, or code that is too large.',
  };
}

function failureOf(error: ChainClientError): Failure {
  switch (error.code) {
    case 'call_reverted':
      return {
        code: 'execution_reverted',
        detail: `It reverts: ${reasonText(error.reason ?? { name: 'none', args: [] })}.`,
      };
    case 'gas_too_high':
      return {
        code: 'gas_too_high',
        detail: `It needs more than ${deploymentLimits.transactionGas} gas. Split what it does.`,
      };
    case 'insufficient_funds':
      return {
        code: 'insufficient_funds',
        detail: 'The account cannot pay for it. Pay it in and ask again.',
      };
    case 'underpriced':
    case 'fee_cap_reached':
      return {
        code: 'fee_too_high',
        detail: 'The chain asks for more fee than is offered. Ask again later.',
      };
    case 'nonce_taken':
      return {
        code: 'nonce_taken',
        detail: 'The account’s next nonce is another than the one that was asked for.',
      };
    case 'wrong_chain':
      return { code: 'wrong_chain', detail: 'The node is of another chain than CHAIN_ID says.' };
    case 'rpc_refused':
      return refusedFailure(error);
    default:
      return unavailable;
  }
}

/** Rethrows what is none of the chain client's. */
export function chainFailure(error: unknown): Failure {
  if (isChainClientError(error)) return failureOf(error);
  throw error;
}

/** For reading: its errors as problems. */
export async function onChain<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isChainClientError(error)) throw error;
    const { code, detail } = failureOf(error);
    throw problem(code, { detail, cause: error });
  }
}
