/** What is told of transactions before they are in a block. */
import type { Hex } from './values.ts';

/** Why a transaction is refused. The code and message of JSON-RPC come with it, worded as geth 1.17 words them. */
export type TransactionRefusal =
  | 'malformed'
  | 'type_not_supported'
  | 'wrong_chain_id'
  | 'unprotected'
  | 'invalid_signature'
  | 'oversized'
  | 'nonce_too_low'
  | 'nonce_too_high'
  | 'nonce_max'
  | 'sender_not_eoa'
  | 'insufficient_funds'
  | 'intrinsic_gas_too_low'
  | 'floor_data_gas_too_low'
  | 'init_code_too_large'
  | 'exceeds_block_gas_limit'
  | 'exceeds_gas_cap'
  | 'fee_cap_below_base_fee'
  | 'tip_above_fee_cap'
  | 'underpriced'
  | 'blob_invalid'
  | 'authorization_list_empty'
  | 'block_full';

export interface Refused {
  readonly ok: false;
  readonly reason: TransactionRefusal;
  /** Code of the JSON-RPC error. */
  readonly code: number;
  readonly message: string;
}

/** A transaction that is well-formed and signed. Fees are in wei per gas. */
export interface DecodedTransaction {
  readonly hash: Hex;
  readonly sender: Hex;
  /** 0 legacy, 1 EIP-2930, 2 EIP-1559, 3 EIP-4844, 4 EIP-7702. */
  readonly type: number;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** Gas price of types 0 and 1. */
  readonly maxFeePerGas: bigint;
  /** Gas price of types 0 and 1. */
  readonly maxPriorityFeePerGas: bigint;
  /** Null for a creation. */
  readonly to: Hex | null;
  readonly value: bigint;
  /** Most that it can take from the sender: value, gas and blob gas. */
  readonly cost: bigint;
  readonly sizeBytes: number;
}

export interface CheckedTransaction extends DecodedTransaction {
  readonly ok: true;
  /** Nonce and balance that the sender has in the committed state. */
  readonly accountNonce: bigint;
  readonly balance: bigint;
}

export type CheckTransactionResult = CheckedTransaction | Refused;

/** What the mempool holds of a sender already. */
export interface PooledSender {
  /** Sum of `cost` over its waiting transactions. */
  readonly cost: bigint;
  /** Nonce after the last waiting one without a gap. */
  readonly nextNonce: bigint;
}

export interface CheckTransactionOptions {
  /** Address of the sender where somebody recovered it already (see `recoverSender`); it is believed. */
  readonly sender?: Hex;
  /** Asked once the sender is known; undefined where the mempool holds nothing of it. */
  readonly pooled?: (sender: Hex) => PooledSender | undefined;
  /** Greatest distance of the nonce from the account's, default 4096: `nonce_too_high` beyond it. */
  readonly maxNonceGap?: bigint;
}
