/** Fees of EIP-1559, in wei. */
import { ChainClientError } from './error.ts';
import { type ChainRpc, RpcFault } from './json-rpc.ts';

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  /** Least `maxFeePerGas` that is offered. */
  readonly minFeePerGas: bigint;
  /** Never more than this. */
  readonly maxFeePerGasCap: bigint;
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);

const METHOD_NOT_FOUND = -32_601;

async function tipOf(rpc: ChainRpc): Promise<bigint> {
  try {
    return await rpc.priorityFee();
  } catch (error) {
    if (error instanceof RpcFault && error.code === METHOD_NOT_FOUND) return 0n;
    throw error;
  }
}

/** Twice the base fee and the node's tip: six full blocks may follow before it is too little. @throws ChainClientError fee_cap_reached */
export async function suggestFees(
  rpc: ChainRpc,
  limits: FeeLimits,
): Promise<Fees & { readonly baseFeePerGas: bigint }> {
  const { baseFeePerGas } = await rpc.latestBlock();
  const base = baseFeePerGas ?? 0n;
  const tip = await tipOf(rpc);
  if (base + tip > limits.maxFeePerGasCap) throw new ChainClientError('fee_cap_reached');
  const wished = larger(2n * base + tip, limits.minFeePerGas);
  const maxFeePerGas = wished > limits.maxFeePerGasCap ? limits.maxFeePerGasCap : wished;
  return { maxFeePerGas, maxPriorityFeePerGas: tip > maxFeePerGas ? maxFeePerGas : tip, baseFeePerGas: base };
}

/** An eighth more, rounded up: nodes ask for a tenth at least, of both. */
const raised = (fee: bigint): bigint => fee + (fee + 7n) / 8n + 1n;

/** Fees that replace `before`. @throws ChainClientError fee_cap_reached */
export function replacementFees(before: Fees, wished: Fees, { maxFeePerGasCap }: FeeLimits): Fees {
  const maxFeePerGas = larger(raised(before.maxFeePerGas), wished.maxFeePerGas);
  const maxPriorityFeePerGas = larger(raised(before.maxPriorityFeePerGas), wished.maxPriorityFeePerGas);
  if (maxFeePerGas > maxFeePerGasCap) throw new ChainClientError('fee_cap_reached');
  return {
    maxFeePerGas,
    maxPriorityFeePerGas: maxPriorityFeePerGas > maxFeePerGas ? maxFeePerGas : maxPriorityFeePerGas,
  };
}
