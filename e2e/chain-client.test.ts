/** The chain client against our own chain: node, vm and ledger as they are. */
import { accountOf, chainId, startChain } from '../apps/on-system-chain/test/chain-stack.ts';
import { describeRealNode } from '../libs/chain-client/test/real-node-suite.ts';
import type { Payment, ReferenceNode } from '../libs/chain-client/test/reference-node.ts';

async function startOwn(): Promise<ReferenceNode> {
  const { rpc, close } = await startChain();
  const payer = accountOf(0);
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const { result, error } = await rpc(method, ...params);
    if (error) throw new Error(`${error.code}: ${error.message}`);
    return result;
  };
  let nonce = 0;
  const pay = async ({ to, data, value = 0n, gas = 100_000n }: Payment) => {
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n };
    const what = { type: 'eip1559', chainId, nonce: nonce++, to, data, value, gas, ...fees } as const;
    return (await ask('eth_sendRawTransaction', await payer.signTransaction(what))) as `0x${string}`;
  };
  const call: ReferenceNode['call'] = async ({ id, method, params }) => ({
    ...(await rpc(method, ...params)),
    id,
  });
  return { call, ask, pay, mine: async () => undefined, close: () => close() };
}

// At most one block a second: few runs.
describeRealNode('our own chain', startOwn, { runs: 4 });
