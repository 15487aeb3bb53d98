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
import type { BlockHead, BlockProposal, ExecutedBlock } from './block-types.ts';
import type { ForkSchedule } from './fork-types.ts';
import type {
  AccessListResult,
  AccountProof,
  AccountState,
  CallRequest,
  CallResult,
  GasEstimate,
  StateAt,
  Trace,
  TraceOptions,
} from './query-types.ts';
import type { SimulationRequest, SimulationResult } from './simulation-types.ts';
import type { CheckTransactionOptions, CheckTransactionResult } from './transaction-types.ts';
import type { IntegrityReport, PruneReport, SnapshotManifest } from './upkeep-types.ts';
import type { Hex } from './values.ts';

export type * from './block-types.ts';
export type * from './fork-types.ts';
export type * from './query-types.ts';
export type * from './simulation-types.ts';
export type * from './transaction-types.ts';
export type * from './upkeep-types.ts';

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
  /** What `checkTransaction` asks of a transaction at least. */
  readonly minGasPriceWei: bigint;
  /** Fork by which the newest block was executed, as ethereumjs names it: `chainstart`, … `cancun`, … */
  readonly fork: string;
}

export interface ChainApplication {
  /** Head, pending block and fees. Answers from memory. */
  info(): ChainInfo;
  /** Forks at the time of the newest block (EIP-7910). */
  forks(): Promise<ForkSchedule>;
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
  /** `eth_simulateV1`: gas, steps and answer are bounded for all blocks together. `state_unknown`, `execution_limit`. */
  simulate(request: SimulationRequest): Promise<SimulationResult>;
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
  /**
   * Walks every state that is kept, from a block (the head where absent) down, with headers and bodies, and recomputes every hash. It goes on behind
   * a fault, but for a header: what is older cannot be told then.
   */
  checkIntegrity(at?: StateAt): Promise<IntegrityReport>;

  /** Waits for what is under way; leaves the store open. */
  close(): Promise<void>;
}
