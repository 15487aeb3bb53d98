/**
 * The deterministic state machine of the chain with the surface of ABCI: blocks of Ethereum's format go in, results,
 * receipts and an app hash (the state root) come out. It reads no clock and no randomness, opens no connection and
 * never depends on the order of a map: equal blocks on equal state give equal bytes on every machine.
 *
 * Life of a block: `finalizeBlock` (or `importBlock`) executes it in memory and keeps the result as pending;
 * `commit` writes state, code, block and head marker in one atomic batch; `abandon` forgets it. A crash before the batch
 * leaves the store at the parent, and the same block can be executed again with the same result.
 *
 * Conventions: hashes, addresses and data are `Hex`; wei, gas and nonces bigint; heights, times (whole seconds since 1970) and
 * sizes numbers. Every method that reads state rejects with `ChainError('state_damaged')` where the store does not hold what
 * the root says, with `ChainError('state_unknown')` where the state is not kept (any more), and with the store's `KvError`.
 */
import type { Hex } from './values.ts';

/** Which committed block's state a query reads: the newest one where absent. */
export type StateAt = { readonly height?: number };

export interface BlockHead {
  readonly height: number;
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
  readonly timestampSec: number;
}

export interface ChainInfo extends BlockHead {
  readonly chainId: number;
  readonly genesisHash: Hex;
  /** Oldest block whose state can be asked for. */
  readonly oldestStateHeight: number;
  /** The block that is executed but not committed. */
  readonly pending: BlockHead | null;
  /** Gas limit of the newest block, and the base fee that the next one will have (0 before EIP-1559). */
  readonly gasLimit: bigint;
  readonly nextBaseFeePerGas: bigint;
  /** Fork by which the newest block was executed, as ethereumjs names it: `chainstart`, … `cancun`, … */
  readonly fork: string;
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

// ---------------------------------------------------------------------------------------------- transactions

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

// ---------------------------------------------------------------------------------------------- blocks

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

// ---------------------------------------------------------------------------------------------- queries

export interface AccountState {
  /** False where the state holds no such account: all else is then zero or empty. */
  readonly exists: boolean;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: Hex;
  readonly storageRoot: Hex;
}

export interface StorageProof {
  readonly slot: bigint;
  readonly value: bigint;
  readonly proof: readonly Hex[];
}

/** EIP-1186: RLP of the trie's nodes from the root down to the leaf, or to where the way ends. */
export interface AccountProof extends AccountState {
  readonly address: Hex;
  readonly accountProof: readonly Hex[];
  readonly storageProof: readonly StorageProof[];
}

export interface AccessListEntry {
  readonly address: Hex;
  readonly storageKeys: readonly Hex[];
}

/** What `eth_call` and its kin take. Fees may be given or not; unsigned. */
export interface CallTransaction {
  /** Default the zero address. */
  readonly from?: Hex;
  /** Absent: a creation. */
  readonly to?: Hex;
  /** Default, and at most, the application's gas cap of calls. */
  readonly gas?: bigint;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly value?: bigint;
  readonly nonce?: bigint;
  readonly data?: Uint8Array;
  readonly accessList?: readonly AccessListEntry[];
  readonly blobVersionedHashes?: readonly Hex[];
}

export interface AccountOverride {
  readonly balance?: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
  /** The whole storage: slots that are not named are empty. Not together with `stateDiff`. */
  readonly state?: Readonly<Record<Hex, Hex>>;
  /** Some slots; the others stay. */
  readonly stateDiff?: Readonly<Record<Hex, Hex>>;
}

export interface BlockOverride {
  readonly number?: bigint;
  readonly timestampSec?: bigint;
  readonly gasLimit?: bigint;
  readonly feeRecipient?: Hex;
  readonly prevRandao?: Hex;
  readonly baseFeePerGas?: bigint;
}

export interface CallRequest extends StateAt {
  readonly transaction: CallTransaction;
  readonly stateOverrides?: Readonly<Record<Hex, AccountOverride>>;
  readonly blockOverrides?: BlockOverride;
}

export interface ExecutionFailure {
  /** `reverted`: REVERT; `failed`: another halt (out of gas, invalid opcode, …); `refused`: it could not start. */
  readonly reason: 'reverted' | 'failed' | 'refused';
  /** As geth words it; a Solidity `Error(string)` is appended: `execution reverted: text`. */
  readonly message: string;
  /** Code of the JSON-RPC error: 3 for reverted, -32000 else. */
  readonly code: number;
  /** What REVERT handed back. */
  readonly data?: Uint8Array;
  readonly gasUsed: bigint;
}

export type CallResult =
  | { readonly ok: true; readonly data: Uint8Array; readonly gasUsed: bigint; readonly contractAddress?: Hex }
  | { readonly ok: false; readonly failure: ExecutionFailure };

export type GasEstimate =
  | { readonly ok: true; readonly gas: bigint }
  | { readonly ok: false; readonly failure: ExecutionFailure };

export interface AccessListResult {
  readonly accessList: readonly AccessListEntry[];
  /** Gas used with that list. */
  readonly gasUsed: bigint;
  /** The execution's failure, as geth words it; the list holds what was touched until then. */
  readonly error?: string;
}

/** `debug_traceTransaction`: struct logs where no tracer is named. */
export interface TraceOptions {
  readonly tracer?: 'callTracer';
  /** callTracer: the outermost call alone. */
  readonly onlyTopCall?: boolean;
  /** callTracer: logs of each call. */
  readonly withLog?: boolean;
  /** Struct logs: default false, as geth. */
  readonly enableMemory?: boolean;
  readonly disableStack?: boolean;
  readonly disableStorage?: boolean;
  readonly enableReturnData?: boolean;
  /** Struct logs: at most so many steps are told; 0 or absent: as many as the application allows. */
  readonly limit?: number;
}

export interface StructLog {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly error?: string;
  readonly stack?: readonly Hex[];
  readonly returnData?: Hex;
  readonly memory?: readonly Hex[];
  readonly storage?: Readonly<Record<string, string>>;
  readonly refund?: number;
}

export interface StructLogTrace {
  readonly gas: number;
  readonly failed: boolean;
  readonly returnValue: Hex;
  readonly structLogs: readonly StructLog[];
}

/** geth's callTracer: quantities and data as hex, absent members where geth leaves them out. */
export interface CallFrame {
  readonly type: string;
  readonly from: Hex;
  readonly to?: Hex;
  readonly value?: Hex;
  readonly gas: Hex;
  readonly gasUsed: Hex;
  readonly input: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly revertReason?: string;
  readonly calls?: readonly CallFrame[];
  readonly logs?: readonly { address: Hex; topics: readonly Hex[]; data: Hex; position: Hex; index: Hex }[];
}

export type Trace = StructLogTrace | CallFrame;

// ---------------------------------------------------------------------------------------------- upkeep

export interface SnapshotManifest {
  readonly format: 'lucid-state-snapshot/1';
  readonly height: number;
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
  /** RLP of the header whose state this is; its hash is `blockHash`. */
  readonly headerRlp: Hex;
  readonly sizeBytes: number;
  /** SHA-256 of each chunk, lower-case hex without 0x. */
  readonly chunks: readonly string[];
}

export interface StateFault {
  readonly what: 'state node' | 'storage node' | 'code' | 'header' | 'body' | 'head';
  /** Hash of the node or code, or height of the block. */
  readonly where: string;
  /** Account (hash of its address) whose storage or code it is. */
  readonly account?: Hex;
  readonly expected?: string;
  readonly found?: string;
}

export interface IntegrityReport {
  readonly stateRoot: Hex;
  readonly height: number;
  readonly nodes: number;
  readonly accounts: number;
  readonly slots: number;
  readonly codes: number;
  /** Empty when all is sound; at most 1000. */
  readonly faults: readonly StateFault[];
}

export interface PruneReport {
  readonly removedNodes: number;
  readonly keptNodes: number;
  /** Oldest block whose state is kept. */
  readonly oldestHeight: number;
}

// ---------------------------------------------------------------------------------------------- the application

export interface ChainApplication {
  /** Head, pending block and fees. Answers from memory. */
  info(): ChainInfo;
  /** Block 0, as an executed block without results. */
  genesisBlock(): Promise<ExecutedBlock>;

  /** ABCI CheckTx: judges an encoded transaction alone, against the committed state and what the mempool tells. */
  checkTransaction(raw: Uint8Array, options?: CheckTransactionOptions): Promise<CheckTransactionResult>;

  /**
   * ABCI FinalizeBlock: makes and executes the next block. Transactions that cannot be executed are left out, by rules
   * that depend on the proposal and the state alone. Rejects with `block_pending`, `block_out_of_order` or `block_invalid` (time,
   * extra data, proposer); then nothing has changed.
   */
  finalizeBlock(proposal: BlockProposal): Promise<ExecutedBlock>;
  /**
   * Executes a whole block that was made before or elsewhere and holds its header and body to every rule of its fork, the
   * proof of work alone excepted. Rejects as `finalizeBlock`; the detail names the rule.
   */
  importBlock(
    blockRlp: Uint8Array,
    options?: { senders?: readonly (Hex | undefined)[] },
  ): Promise<ExecutedBlock>;
  /** ABCI Commit: makes the pending block durable (fsync) in one batch. `block_not_executed` where it is another one or none. */
  commit(blockHash?: Hex): Promise<BlockHead>;
  /** Forgets the pending block; nothing where there is none. */
  abandon(): Promise<void>;

  /** Header or whole block that is kept here, as RLP; null where it is not. */
  headerRlp(height: number): Promise<Uint8Array | null>;
  blockRlp(height: number): Promise<Uint8Array | null>;

  account(address: Hex, at?: StateAt): Promise<AccountState>;
  /** Empty where the account has none. */
  code(address: Hex, at?: StateAt): Promise<Uint8Array>;
  /** 32 bytes. */
  storage(address: Hex, slot: bigint, at?: StateAt): Promise<Hex>;
  proof(address: Hex, slots: readonly bigint[], at?: StateAt): Promise<AccountProof>;

  /** `execution_limit` where it takes longer than allowed, here and in the three below. */
  call(request: CallRequest): Promise<CallResult>;
  /** Least gas limit with which the call succeeds, found as geth finds it (within 1.5 %). */
  estimateGas(request: CallRequest): Promise<GasEstimate>;
  createAccessList(request: CallRequest): Promise<AccessListResult>;
  traceCall(request: CallRequest, options?: TraceOptions): Promise<Trace>;
  /** Executes the block of a transaction anew, up to it. `transaction_unknown`, `state_unknown`. */
  traceTransaction(hash: Hex, options?: TraceOptions): Promise<Trace>;
  traceBlock(
    height: number,
    options?: TraceOptions,
  ): Promise<readonly { readonly txHash: Hex; readonly result: Trace }[]>;

  /** ABCI snapshots. A snapshot of the committed head, kept in the store until `dropSnapshot`. */
  createSnapshot(): Promise<SnapshotManifest>;
  /** Newest first. */
  listSnapshots(): Promise<readonly SnapshotManifest[]>;
  /** At most 1 MiB and one entry. `snapshot_unknown`. */
  snapshotChunk(height: number, index: number): Promise<Uint8Array>;
  dropSnapshot(height: number): Promise<void>;

  /**
   * Removes states (and bodies) older than the newest `keepBlocks` blocks: marks what the kept roots reach, then sweeps the
   * rest in small batches. Blocks may be executed and committed meanwhile. After a crash the next run goes on.
   */
  prune(options: { keepBlocks: number }): Promise<PruneReport>;
  /** Walks the whole state of a block (the head where absent) and recomputes every hash. Never stops at a fault. */
  checkIntegrity(at?: StateAt): Promise<IntegrityReport>;

  /** Waits for what is under way; leaves the store open. */
  close(): Promise<void>;
}
