/** Blocks that are tried out: `eth_simulateV1`. */
import { fromHex, toQuantity } from '@lucid/chain-wire';
import type { blockchainVmContract, OutputOf } from '@lucid/contracts';
import { ChainBlock } from '../../chain/chain-block.ts';
import { type Methods, method } from '../method.ts';
import { type RpcNode, stateAt } from '../node.ts';
import { block, optional } from '../parameters.ts';
import { RpcError } from '../rpc-error.ts';
import { simulationOptions } from '../simulation-parameters.ts';

type Result = OutputOf<(typeof blockchainVmContract)['operations']['simulate']>;
type SimulatedBlock = Extract<Result, { ok: true }>['blocks'][number];
type SimulatedCall = SimulatedBlock['calls'][number];

function describeCall(call: SimulatedCall, made: ChainBlock, index: number) {
  const { returnData, gasUsed, maxUsedGas, status, error } = call;
  const place = {
    blockNumber: toQuantity(made.height),
    transactionHash: made.hashAt(index),
    transactionIndex: toQuantity(index),
    blockHash: made.hash,
    blockTimestamp: toQuantity(made.header.timestampSec),
  };
  return {
    returnData,
    logs: call.logs.map(({ address, topics, data, index: logIndex }) => ({
      ...{ address, topics, data },
      ...place,
      logIndex: toQuantity(logIndex),
      removed: false,
    })),
    ...{ gasUsed, maxUsedGas },
    status: toQuantity(status),
    ...(error && { error }),
  };
}

function describeBlock({ blockRlp, senders, calls }: SimulatedBlock, withTransactions: boolean) {
  const made = ChainBlock.withoutReceipts(fromHex(blockRlp), senders.map(fromHex));
  return {
    ...made.describe(withTransactions),
    calls: calls.map((call, index) => describeCall(call, made, index)),
  };
}

export function simulationMethods(node: RpcNode): Methods {
  return {
    eth_simulateV1: method(
      [simulationOptions, optional(block)],
      async ([{ request, returnFullTransactions }, id]) => {
        const result = await node.vm.simulate({ body: { ...request, ...(await stateAt(node, id)) } });
        if (!result.ok) throw new RpcError(result.failure.code, result.failure.message);
        return result.blocks.map((each) => describeBlock(each, returnFullTransactions));
      },
    ),
  };
}
