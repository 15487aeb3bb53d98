import type { onSystemChainContract } from '@lucid/contracts';
import { type Handlers, isProblem, jsonText } from '@lucid/service-kit';
import { BlockPruned } from '../chain/chain-view.ts';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';

/** Problems of vm and ledger, as this contract names them. */
async function onChain<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BlockPruned)
      throw problem('block_out_of_order', {
        detail: 'Only the header of this block is still kept.',
        cause: error,
      });
    if (!isProblem(error) || error.remote === undefined) throw error;
    if (error.code === 'block_invalid' || error.code === 'block_out_of_order')
      throw problem(error.code, { ...(error.detail ? { detail: error.detail } : {}), cause: error });
    throw problem('chain_unavailable', { cause: error });
  }
}

export const chainHandlers: Handlers<typeof onSystemChainContract, Context> = {
  // A request that wants no answer gets null.
  rpc: async ({ body }, _call, { rpc }) => jsonText((await rpc.answer(body)) ?? 'null'),
  getStatus: (_input, _call, { node, config }) => {
    const { head } = node.view;
    const { chainId, fault } = node.driver;
    if (!head || chainId === null)
      throw problem('chain_unavailable', fault?.code === 'chains_differ' ? { detail: fault.text } : {});
    return {
      height: head.height,
      blockHash: head.hash,
      stateRoot: head.header.stateRoot,
      chainId,
      network: config.CHAIN_NETWORK,
      timestampSec: head.header.timestampSec,
      pendingTransactions: node.pool.pending,
      queuedTransactions: node.pool.queued,
      producer: node.isProducing ? node.producer : null,
    };
  },
  getProducers: async (_input, _call, { node, producers, config }) => {
    const { turnsNow } = await import('../producers/turns-answer.ts');
    const { head } = node.view;
    if (!head) throw problem('chain_unavailable');
    return turnsNow({ head, producers, config, nowMs: node.nowMs() });
  },
  importBlock: ({ params, body }, _call, { driver }) =>
    onChain(async () => {
      const { height, hash, transactions } = await driver.importBlock(params.height, body);
      return { height, blockHash: hash, transactions: transactions.length };
    }),
  exportBlock: ({ params }, _call, { node }) =>
    onChain(async () => {
      if (!node.view.head) throw problem('chain_unavailable');
      const block = await node.view.block(params.height);
      if (!block) throw problem('block_out_of_order', { detail: 'The chain does not reach that far yet.' });
      return block.blockRlp;
    }),
};
