/** What callers of this package see. */
import type { Abi, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType, Hex } from 'viem';
import type { ContractAt } from './contracts.ts';
import type { RevertReason } from './error.ts';
import type { Intent, IntentStatus } from './intent.ts';
import type { JsonRpcCaller } from './json-rpc.ts';
import type { Outbox } from './outbox.ts';
import type { ChainReceipt } from './shapes.ts';

export interface ChainClientOptions {
  readonly chainId: number;
  /** secp256k1 secret key, 32 bytes in hex. Nobody else may send with it. */
  readonly secretKey: string;
  /** Blocks from the transaction's to the newest, both counted, that make it final. Default 6; 1 where one producer makes all blocks. */
  readonly confirmations?: number;
  /** Least fee offered, wei. Default 1 gwei. */
  readonly minFeePerGas?: bigint;
  /** Most, wei. Default 500 gwei. */
  readonly maxFeePerGasCap?: bigint;
  /** Most gas that the chain takes in a transaction. No limit where absent. */
  readonly maxGas?: bigint;
  /** Intents that are not final. Default 16. */
  readonly maxInFlight?: number;
  /** After so long, bytes that offer too little are replaced. Default 60,000. */
  readonly replaceAfterMs?: number;
  /** Pause between two looks of `send`. Default 1,000. */
  readonly pollMs?: number;
  /** After so long `send` gives up waiting. Default 120,000. */
  readonly timeoutMs?: number;
}

/** The part of a clock that is used. */
export interface ChainClock {
  nowMs(): number;
  sleep(delayMs: number): Promise<void>;
}

export interface ChainClientDependencies {
  readonly call: JsonRpcCaller;
  readonly outbox: Outbox;
  readonly clock: ChainClock;
}

export interface ReceiptStatus {
  readonly receipt: ChainReceipt;
  readonly confirmations: number;
  readonly isFinal: boolean;
}

/** Every method rejects with ChainClientError. */
export interface ChainClient {
  /** Lower case. */
  readonly address: Hex;
  /** @throws ChainClientError wrong_chain where the node is of another than the options say. */
  chainId(): Promise<number>;
  /** Calls a function that changes nothing, at the newest block. @throws ChainClientError call_reverted with its reason. */
  read<
    const Interface extends Abi,
    Name extends ContractFunctionName<Interface, 'pure' | 'view'>,
    const Args extends ContractFunctionArgs<Interface, 'pure' | 'view', Name>,
  >(
    contract: ContractAt<Interface>,
    functionName: Name,
    args: Args,
  ): Promise<ContractFunctionReturnType<Interface, 'pure' | 'view', Name, Args>>;
  /**
   * Gives the intent its nonce, durably, and sends it; repeating is safe and the way on after any error. `pending` where it is on its way.
   */
  submit(intent: Intent): Promise<IntentStatus>;
  /** `submit`, then waits until it is final. @throws ChainClientError transaction_reverted, _refused, _displaced, timed_out, … */
  send(intent: Intent): Promise<ChainReceipt>;
  /** Looks, sends again what is lost, replaces what offers too little. @throws ChainClientError intent_unknown */
  statusOf(intentId: string): Promise<IntentStatus>;
  /** `statusOf` of all that is in flight, oldest first; for a worker after a restart. Resolves to the number that is left. */
  settle(): Promise<number>;
  /** What the next intent gets, as far as nobody else is first. */
  nextNonce(): Promise<number>;
  /** From the outbox alone, without the node: null where the intent was never given one. */
  nonceOf(intentId: string): Promise<number | null>;
  /** Why a transaction in a block reverted; runs it again on the state before its block, so that this may find nothing (`unknown`). */
  reasonOf(intent: Intent, receipt: ChainReceipt): Promise<RevertReason>;
  /** Null where no block has it. */
  receiptOf(hash: Hex): Promise<ReceiptStatus | null>;
}
