/** Reading contracts without an account: many calls at once, at the time that the next block will have; and passing on what others signed. */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type Hex,
  toHex,
} from 'viem';
import { type ContractAt, decodeResult, decodeRevert, encodeCall } from './contracts.ts';
import { ChainClientError, type RevertReason } from './error.ts';
import { type FeeLimits, suggestFees } from './fees.ts';
import {
  asClientError,
  ChainRpc,
  faultOf,
  type JsonRpcCaller,
  type JsonRpcRequest,
  RpcFault,
} from './json-rpc.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { type ChainReceipt, readData } from './shapes.ts';

/** Sends one batch; resolves with the parsed JSON of the answer. */
export type JsonRpcBatchCaller = (requests: readonly JsonRpcRequest[]) => Promise<unknown>;

type Mutability = 'pure' | 'view' | 'nonpayable' | 'payable';

/** A call that changes nothing, and how its result is read. Made by `question`. */
export interface Question<T> {
  readonly from?: Hex;
  readonly to: Hex;
  readonly data: Hex;
  readonly value?: bigint;
  /** By which a revert is decoded. */
  readonly abi: Abi;
  /** @throws where there is no such contract at the address */
  read(result: Hex): T;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RevertReason };

export interface ReadAt {
  /** Time of the block in which the calls run, seconds since 1970; that of the newest block where absent. */
  readonly atSec?: number;
}

/** To be signed by whoever has the key of `from`. Quantities as in JSON-RPC. */
export interface UnsignedCall {
  readonly type: '0x2';
  readonly chainId: Hex;
  readonly nonce: Hex;
  readonly from: Hex;
  readonly to: Hex;
  readonly value: Hex;
  readonly data: Hex;
  readonly gas: Hex;
  readonly maxFeePerGas: Hex;
  readonly maxPriorityFeePerGas: Hex;
}

/** What each of several questions gives. */
export type Answers<Q extends readonly Question<unknown>[]> = {
  -readonly [K in keyof Q]: Q[K] extends Question<infer T> ? T : never;
};

/** As geth: requests of a batch. */
const MOST_IN_BATCH = 100;
/** Code of an execution that ended without result otherwise than by a revert. */
const FAILED = -32_000;
const GWEI = 1_000_000_000n;

/** A function of a contract with its arguments; `from` where it matters who asks. */
export function question<
  const Interface extends Abi,
  Name extends ContractFunctionName<Interface>,
  const Args extends ContractFunctionArgs<Interface, Mutability, Name>,
>(
  { address, abi }: ContractAt<Interface>,
  functionName: Name,
  args: Args,
  { from }: { readonly from?: Hex } = {},
): Question<ContractFunctionReturnType<Interface, Mutability, Name, Args>> {
  return {
    ...(from && { from }),
    to: address,
    data: encodeCall(abi, functionName, args as readonly unknown[]),
    abi,
    read: (result) => decodeResult(abi, functionName, result) as never,
  };
}

/** Bytes handed back as they are: a call of whatever contract. */
export const rawQuestion = (
  call: Pick<Question<Hex>, 'from' | 'to' | 'data' | 'value' | 'abi'>,
): Question<Hex> => ({
  ...call,
  read: (result) => result,
});

export interface ContractReaderOptions extends Partial<FeeLimits> {
  readonly chainId: number;
}

/** Methods reject with ChainClientError. */
export class ContractReader {
  readonly #options: ContractReaderOptions & FeeLimits;
  readonly #rpc: ChainRpc;
  readonly #callAll: JsonRpcBatchCaller;

  constructor(
    options: ContractReaderOptions,
    { call, callAll }: { readonly call: JsonRpcCaller; readonly callAll: JsonRpcBatchCaller },
  ) {
    this.#options = { minFeePerGas: GWEI, maxFeePerGasCap: 500n * GWEI, ...options };
    this.#rpc = new ChainRpc(call);
    this.#callAll = callAll;
  }

  /** @throws ChainClientError wrong_chain where the node is of another than the options say */
  checkChain = (): Promise<void> =>
    guarded(async () => {
      if ((await this.#rpc.chainId()) !== this.#options.chainId) throw new ChainClientError('wrong_chain');
    });

  /** All answers, in order. @throws ChainClientError call_reverted with the reason of the first that has none */
  async ask<const Q extends readonly Question<unknown>[]>(
    questions: Q,
    at: ReadAt = {},
  ): Promise<Answers<Q>> {
    const outcomes = await this.tryAll(questions, at);
    return outcomes.map((each) => {
      if (each.ok) return each.value;
      throw new ChainClientError('call_reverted', { reason: each.reason });
    }) as Answers<Q>;
  }

  /** What each question gives, or why it gives nothing. */
  async tryAll<T>(questions: readonly Question<T>[], at: ReadAt = {}): Promise<Outcome<T>[]> {
    const outcomes: Outcome<T>[] = [];
    for (let first = 0; first < questions.length; first += MOST_IN_BATCH)
      outcomes.push(...(await this.#tryBatch(questions.slice(first, first + MOST_IN_BATCH), at)));
    return outcomes;
  }

  /** Gas that a transaction needs, and a quarter more. @throws ChainClientError call_reverted with its reason */
  gasOf = ({ from, to, data, value, abi }: Question<unknown>, { atSec }: ReadAt = {}): Promise<bigint> =>
    guarded(async () => {
      try {
        const transaction = { ...(from && { from }), to, data, ...(value !== undefined && { value }) };
        return ((await this.#rpc.estimateGas(transaction, atSec)) * 5n) / 4n;
      } catch (error) {
        if (!(error instanceof RpcFault)) throw error;
        const reason = reasonOf(error, abi);
        if (reason === null) throw error;
        throw new ChainClientError('call_reverted', { reason });
      }
    });

  /** With the nonce and fees that hold now. @throws ChainClientError call_reverted with its reason */
  async unsigned(asked: Question<unknown> & { readonly from: Hex }, at: ReadAt = {}): Promise<UnsignedCall> {
    const gas = await this.gasOf(asked, at);
    return guarded(async () => {
      const { from, to, data, value = 0n } = asked;
      const fees = await suggestFees(this.#rpc, this.#options);
      return {
        type: '0x2',
        chainId: toHex(this.#options.chainId),
        nonce: toHex(await this.#rpc.transactionCount(from, 'pending')),
        ...{ from, to, data, value: toHex(value), gas: toHex(gas) },
        maxFeePerGas: toHex(fees.maxFeePerGas),
        maxPriorityFeePerGas: toHex(fees.maxPriorityFeePerGas),
      };
    });
  }

  /** Nonce of the account's next transaction: by the chain, or by what waits, too. */
  nonceOf = (address: Hex, block: 'latest' | 'pending'): Promise<number> =>
    guarded(() => this.#rpc.transactionCount(address, block));

  /** Whether the node has it: in a block, or waiting. */
  isKnown = (hash: Hex): Promise<boolean> => guarded(() => this.#rpc.isKnown(hash));

  /** Null where no block has it. */
  receiptOf = (hash: Hex): Promise<ChainReceipt | null> => guarded(() => this.#rpc.receipt(hash));

  /** Hands signed bytes to the node; null where it has them then, else why not. */
  sendRaw = (raw: Hex): Promise<Refusal | null> =>
    guarded(async () => {
      try {
        await this.#rpc.sendRaw(raw);
        return null;
      } catch (error) {
        if (!(error instanceof RpcFault)) throw error;
        const refusal = refusalOf(error);
        return refusal === 'already-known' ? null : refusal;
      }
    });

  async #tryBatch<T>(questions: readonly Question<T>[], { atSec }: ReadAt): Promise<Outcome<T>[]> {
    if (questions.length === 0) return [];
    const at = atSec === undefined ? [] : [{}, { time: toHex(atSec) }];
    const requests = questions.map(({ from, to, data, value }, index) => ({
      ...{ jsonrpc: '2.0' as const, id: index + 1, method: 'eth_call' },
      params: [
        { ...(from && { from }), to, data, ...(value !== undefined && { value: toHex(value) }) },
        'latest',
        ...at,
      ],
    }));
    const answers = answersOf(await this.#send(requests));
    return questions.map((each, index) => outcomeOf(each, answers.get(index + 1)));
  }

  async #send(requests: readonly JsonRpcRequest[]): Promise<unknown> {
    try {
      return await this.#callAll(requests);
    } catch (cause) {
      throw new ChainClientError('rpc_unreachable', { cause });
    }
  }
}

function answersOf(answer: unknown): ReadonlyMap<unknown, Readonly<Record<string, unknown>>> {
  if (!Array.isArray(answer)) throw new ChainClientError('rpc_malformed');
  const objects = answer.filter((each) => typeof each === 'object' && each !== null);
  return new Map(objects.map((each) => [each.id, each]));
}

function outcomeOf<T>(asked: Question<T>, answer: Readonly<Record<string, unknown>> | undefined): Outcome<T> {
  if (answer === undefined) throw new ChainClientError('rpc_malformed');
  if (answer.error !== undefined && answer.error !== null) {
    const fault = faultOf(answer.error);
    const reason = reasonOf(fault, asked.abi);
    if (reason === null) throw new ChainClientError('rpc_refused', { rpcCode: fault.code });
    return { ok: false, reason };
  }
  try {
    return { ok: true, value: asked.read(readData(answer.result)) };
  } catch (cause) {
    throw new ChainClientError('rpc_malformed', { cause });
  }
}

/** Null where the node did not execute it. */
function reasonOf(fault: RpcFault, abi: Abi): RevertReason | null {
  if (fault.code === 3 || fault.data !== null) return decodeRevert(fault.data, abi);
  return fault.code === FAILED ? { name: 'failed', args: [] } : null;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asClientError(error);
  }
}
