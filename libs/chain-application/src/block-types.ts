/** Blocks: what is proposed, and what executing it gives. */
import type { Refused } from './transaction-types.ts';
import type { Hex } from './values.ts';

export interface BlockHead {
  readonly height: number;
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
  readonly timestampSec: number;
}

/** What a block may hold, beyond Ethereum's own rules; `importBlock` does not apply them. */
export interface BlockLimits {
  readonly maxTransactions: number;
  /** Sum of the transactions' encodings. */
  readonly maxTransactionsSizeBytes: number;
  readonly maxTransactionSizeBytes: number;
  readonly maxTransactionGas: bigint;
  /** Least fee per gas (legacy gas price or max fee) in wei; judged by checkTx alone. */
  readonly minGasPriceWei: bigint;
}

export interface BlockProposal {
  /** The committed height and 1. */
  readonly height: number;
  /** Greater than the parent's. */
  readonly timestampSec: number;
  /** Coinbase: receives the tips. */
  readonly proposer: Hex;
  /** Encoded transactions (EIP-2718), in the order they shall be executed. */
  readonly transactions: readonly Uint8Array[];
  /** Sender of each, recovered elsewhere with `recoverSender`; they are believed. Undefined entries are recovered here. */
  readonly senders?: readonly (Hex | undefined)[];
  /** At most 32 bytes; default UTF-8 `lucid`. */
  readonly extraData?: Uint8Array;
}

export interface ChainLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** What a transaction of a block did. */
export interface TransactionResult {
  readonly hash: Hex;
  readonly sender: Hex;
  readonly type: number;
  /** Undefined before Byzantium, whose receipts have a state root instead. */
  readonly status: 0 | 1 | undefined;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly effectiveGasPrice: bigint;
  /** Of a creation, whether it failed or not, as geth tells it. */
  readonly contractAddress: Hex | null;
  readonly logs: readonly ChainLog[];
  /** What it handed back: revert data where it failed so. */
  readonly returnData: Uint8Array;
  /** As geth words it (`execution reverted`, `out of gas`, …); absent when it succeeded. */
  readonly error?: string;
  /** Of type 3 alone. */
  readonly blobGasUsed?: bigint;
  readonly blobGasPrice?: bigint;
  /** Consensus encoding of the receipt (EIP-2718), as the receipts root takes it. */
  readonly receiptRlp: Uint8Array;
}

export interface LeftOutTransaction {
  /** Place in the proposal. */
  readonly index: number;
  readonly hash: Hex;
  readonly refusal: Refused;
}

export interface ExecutedBlock extends BlockHead {
  /** Whole block: RLP [header, [transaction, …], [], [withdrawal, …]?]. */
  readonly blockRlp: Uint8Array;
  readonly headerRlp: Uint8Array;
  readonly parentHash: Hex;
  readonly gasUsed: bigint;
  readonly baseFeePerGas: bigint | undefined;
  readonly receiptsRoot: Hex;
  readonly transactionsRoot: Hex;
  readonly logsBloom: Uint8Array;
  /** One of each transaction of the block, in order. */
  readonly results: readonly TransactionResult[];
  /** Transactions of the proposal that the block does not hold; empty for an imported block. */
  readonly leftOut: readonly LeftOutTransaction[];
}
