/** Questions about the state of a committed block, and their answers. */
import type { Hex } from './values.ts';

/** Which committed block's state a query reads: the newest one where absent. */
export type StateAt = { readonly height?: number };

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
