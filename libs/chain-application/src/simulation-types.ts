/** What `eth_simulateV1` takes and gives: blocks that are executed one behind the other on a block's state, and forgotten. */
import type { AccountOverride, BlockOverride, CallTransaction, StateAt } from './query-types.ts';
import type { Hex } from './values.ts';

export interface SimulatedTransaction extends CallTransaction {
  readonly maxFeePerBlobGas?: bigint;
}

export interface SimulatedAccountOverride extends AccountOverride {
  /** The account is a precompile, which is called at that address from now on, and no more at its own. */
  readonly movePrecompileToAddress?: Hex;
}

export interface SimulatedWithdrawal {
  readonly index: bigint;
  readonly validatorIndex: bigint;
  readonly address: Hex;
  /** In gwei. */
  readonly amount: bigint;
}

export interface SimulatedBlockOverride extends BlockOverride {
  readonly blobBaseFee?: bigint;
  readonly parentBeaconBlockRoot?: Hex;
  readonly withdrawals?: readonly SimulatedWithdrawal[];
}

export interface BlockToSimulate {
  readonly blockOverrides?: SimulatedBlockOverride;
  /** They stay for the blocks behind this one; a precompile that moved is back in the next one. */
  readonly stateOverrides?: Readonly<Record<Hex, SimulatedAccountOverride>>;
  readonly calls?: readonly SimulatedTransaction[];
}

/** On the state after a block, the newest one where absent. */
export interface SimulationRequest extends StateAt {
  readonly blocks: readonly BlockToSimulate[];
  /** Calls are held to what holds for transactions, but for signature and EIP-3607: nonces, base fee. */
  readonly validation?: boolean;
  /** A log (ERC-7528) for each value that an account gives another. */
  readonly traceTransfers?: boolean;
}

export interface SimulatedLog {
  /** Within the block. Logs that were undone count. */
  readonly index: number;
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export interface SimulatedCall {
  readonly status: 0 | 1;
  /** Empty where the call failed. */
  readonly returnData: Uint8Array;
  readonly gasUsed: bigint;
  /** Before refunds. */
  readonly maxUsedGas: bigint;
  readonly logs: readonly SimulatedLog[];
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Uint8Array };
}

export interface SimulatedBlock {
  /** RLP of the block; its transactions are the calls, unsigned: v, r and s are 0. */
  readonly blockRlp: Uint8Array;
  /** Who sends each call. */
  readonly senders: readonly Hex[];
  readonly calls: readonly SimulatedCall[];
}

export type SimulationResult =
  | { readonly ok: true; readonly blocks: readonly SimulatedBlock[] }
  /** Code of JSON-RPC (execution-apis, `eth_simulateV1`) and geth's words. */
  | { readonly ok: false; readonly failure: { readonly code: number; readonly message: string } };
