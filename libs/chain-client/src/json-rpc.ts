/** JSON-RPC 2.0 over a handed-in caller: one request, one answer, every deviation an error of this package. */
import { type Hex, toHex } from 'viem';
import { ChainClientError } from './error.ts';
import {
  type ChainBlock,
  type ChainReceipt,
  isHexOf,
  readBlock,
  readData,
  readIndex,
  readIsKnown,
  readQuantity,
  readReceipt,
} from './shapes.ts';

export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Sends one request; resolves with the parsed JSON of the answer, rejects where there is none. Must not repeat by itself. */
export type JsonRpcCaller = (request: JsonRpcRequest) => Promise<unknown>;

/** What a node answers in place of a result. Stays inside this package: its message may hold anything. */
export class RpcFault extends Error {
  readonly code: number;
  /** Bytes that a contract reverted with. */
  readonly data: Hex | null;

  constructor(code: number, message: string, data: Hex | null) {
    super(message);
    this.name = 'RpcFault';
    this.code = code;
    this.data = data;
  }
}

export interface CallTransaction {
  readonly from?: Hex;
  /** Null: makes a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
}

/** What an account shall have for one call (geth's state override set). */
export interface AccountOverride {
  readonly code: Hex;
  readonly nonce: Hex;
}

/** Number of a block, or the newest, or that with what waits in the pool. */
export type BlockTag = bigint | 'latest' | 'pending';

const tagOf = (block: BlockTag): string => (typeof block === 'bigint' ? toHex(block) : block);

const callOf = ({ from, to, data, value, gas }: CallTransaction): Readonly<Record<string, Hex>> => ({
  ...(from && { from }),
  ...(to && { to }),
  data,
  ...(value !== undefined && { value: toHex(value) }),
  ...(gas !== undefined && { gas: toHex(gas) }),
});

export function faultOf(error: unknown): RpcFault {
  if (typeof error !== 'object' || error === null) throw new ChainClientError('rpc_malformed');
  const { code, message, data } = error as Record<string, unknown>;
  if (!Number.isSafeInteger(code) || typeof message !== 'string') throw new ChainClientError('rpc_malformed');
  const nested = typeof data === 'object' && data !== null ? (data as Record<string, unknown>).data : data;
  return new RpcFault(code as number, message, isHexOf(nested) ? nested : null);
}

function resultOf(answer: unknown, id: number): unknown {
  if (typeof answer !== 'object' || answer === null) throw new ChainClientError('rpc_malformed');
  const given = answer as Record<string, unknown>;
  if (given.jsonrpc !== '2.0' || given.id !== id) throw new ChainClientError('rpc_malformed');
  const [hasResult, hasError] = [
    given.result !== undefined,
    given.error !== undefined && given.error !== null,
  ];
  if (hasResult === hasError) throw new ChainClientError('rpc_malformed');
  if (hasError) throw faultOf(given.error);
  return given.result;
}

/** Methods that this package needs. Each rejects with `RpcFault` where the node refuses, with ChainClientError for the rest. */
export class ChainRpc {
  readonly #call: JsonRpcCaller;
  #lastId = 0;

  constructor(call: JsonRpcCaller) {
    this.#call = call;
  }

  chainId = async (): Promise<number> => readIndex(await this.#ask('eth_chainId', []));
  blockNumber = async (): Promise<bigint> => readQuantity(await this.#ask('eth_blockNumber', []));
  latestBlock = async (): Promise<ChainBlock> =>
    readBlock(await this.#ask('eth_getBlockByNumber', ['latest', false]));
  priorityFee = async (): Promise<bigint> => readQuantity(await this.#ask('eth_maxPriorityFeePerGas', []));
  balance = async (of: Hex): Promise<bigint> =>
    readQuantity(await this.#ask('eth_getBalance', [of, 'latest']));
  /** Transactions of the account up to a block, so the next nonce there. */
  transactionCount = async (of: Hex, block: BlockTag): Promise<number> =>
    readIndex(await this.#ask('eth_getTransactionCount', [of, tagOf(block)]));
  call = async (transaction: CallTransaction, block: BlockTag): Promise<Hex> =>
    readData(await this.#ask('eth_call', [callOf(transaction), tagOf(block)]));
  /** With `atSec` as in a block of that time. */
  estimateGas = async (transaction: CallTransaction, atSec?: number): Promise<bigint> => {
    const at = atSec === undefined ? [] : ['latest', {}, { time: toHex(atSec) }];
    return readQuantity(await this.#ask('eth_estimateGas', [callOf(transaction), ...at]));
  };
  /** As the overridden accounts would have it; the answer is what the code hands back. */
  callWith = async (
    transaction: CallTransaction,
    overrides: Readonly<Record<Hex, AccountOverride>>,
  ): Promise<Hex> => readData(await this.#ask('eth_call', [callOf(transaction), 'latest', overrides]));
  code = async (of: Hex): Promise<Hex> => readData(await this.#ask('eth_getCode', [of, 'latest']));
  isKnown = async (hash: Hex): Promise<boolean> =>
    readIsKnown(await this.#ask('eth_getTransactionByHash', [hash]));
  receipt = async (hash: Hex): Promise<ChainReceipt | null> =>
    readReceipt(await this.#ask('eth_getTransactionReceipt', [hash]), hash);
  sendRaw = async (raw: Hex): Promise<Hex> => readData(await this.#ask('eth_sendRawTransaction', [raw]));

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    let answer: unknown;
    try {
      answer = await this.#call({ jsonrpc: '2.0', id, method, params });
    } catch (cause) {
      throw new ChainClientError('rpc_unreachable', { cause });
    }
    return resultOf(answer, id);
  }
}

/** A node's refusal as an error of this package; everything else as it is. */
export function asClientError(error: unknown): unknown {
  return error instanceof RpcFault ? new ChainClientError('rpc_refused', { rpcCode: error.code }) : error;
}
