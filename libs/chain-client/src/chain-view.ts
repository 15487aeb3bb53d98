/** Looking at the chain without an account's key: code, balances, calls, and what transactions would do. */
import type { Hex } from 'viem';
import { ChainClientError } from './error.ts';
import { asClientError, ChainRpc, type JsonRpcCaller, RpcFault } from './json-rpc.ts';
import { isRevert } from './sender.ts';
import { type SimulatedResult, type SimulatedTransaction, simulate } from './simulation.ts';

/** Answer of a call: what it handed back, or what it reverted with. */
export interface CallAnswer {
  readonly ok: boolean;
  readonly data: Hex;
}

/** Every method rejects with ChainClientError, `wrong_chain` where the node is of another. At the newest block. */
export interface ChainView {
  height(): Promise<bigint>;
  balance(of: Hex): Promise<bigint>;
  /** Transactions of an account that are in blocks. */
  transactionCount(of: Hex): Promise<number>;
  /** `0x` where there is none. */
  code(of: Hex): Promise<Hex>;
  /** Wei that one gas costs now, tip and all. */
  feePerGas(): Promise<bigint>;
  call(request: { readonly from: Hex; readonly to: Hex; readonly data: Hex }): Promise<CallAnswer>;
  /** What transactions of `from`, the first with this nonce, would do; up to the first that fails. */
  simulate(
    account: { readonly from: Hex; readonly nonce: number },
    steps: readonly SimulatedTransaction[],
  ): Promise<readonly SimulatedResult[]>;
}

export function createChainView(chainId: number, call: JsonRpcCaller): ChainView {
  const rpc = new ChainRpc(call);
  let isRightChain = false;
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      if (!isRightChain && (await rpc.chainId()) !== chainId) throw new ChainClientError('wrong_chain');
      isRightChain = true;
      return await work();
    } catch (error) {
      throw asClientError(error);
    }
  };
  return {
    height: () => asked(() => rpc.blockNumber()),
    balance: (of) => asked(() => rpc.balance(of)),
    transactionCount: (of) => asked(() => rpc.transactionCount(of, 'latest')),
    code: (of) => asked(() => rpc.code(of)),
    feePerGas: () =>
      asked(async () => ((await rpc.latestBlock()).baseFeePerGas ?? 0n) + (await rpc.priorityFee())),
    call: (request) =>
      asked(async () => {
        try {
          return { ok: true, data: await rpc.call(request, 'latest') };
        } catch (error) {
          if (!(error instanceof RpcFault) || !isRevert(error)) throw error;
          return { ok: false, data: error.data ?? '0x' };
        }
      }),
    simulate: (account, steps) => asked(() => simulate(rpc, account, steps)),
  };
}
