/** What a transaction costs. */

import { toQuantity } from '@lucid/chain-wire';
import type { ChainBlock } from '../../chain/chain-block.ts';
import {
  blobBaseFee,
  blobGasUsedRatio,
  gasUsedRatio,
  nextBaseFee,
  nextBlobBaseFee,
  type PaidTip,
  tipsAtPercentiles,
} from '../../chain/fees.ts';
import { readTransaction, tipOf } from '../../formats/transaction.ts';
import { type Methods, method } from '../method.ts';
import { headOf, heightOf, knownBlock, type RpcNode, rulesOf } from '../node.ts';
import { blockNumber, looseCount, optional, percentiles } from '../parameters.ts';
import { codes, RpcError } from '../rpc-error.ts';

const mostBlocks = 1_024;

/** What a transaction pays at least in the next block, base fee and tip. */
function leastPrice(node: RpcNode): bigint {
  const baseFee = nextBaseFee(headOf(node).header) ?? 0n;
  const { minGasPrice } = rulesOf(node);
  return minGasPrice > baseFee ? minGasPrice : baseFee + 1n;
}

/**
 * While the base fee is below what the vm asks of all, so much as that: clients put the most that they pay together from base fee and tip in ways of
 * their own (hardhat: 81/64 of the base fee, and the tip where that is more), and must not end below it.
 */
function suggestedTip(node: RpcNode): bigint {
  const { minGasPrice } = rulesOf(node);
  return minGasPrice > (nextBaseFee(headOf(node).header) ?? 0n) ? minGasPrice : 1n;
}

export const feeMethods = (node: RpcNode): Methods => ({
  eth_gasPrice: method([], () => toQuantity(leastPrice(node))),
  eth_maxPriorityFeePerGas: method([], () => toQuantity(suggestedTip(node))),
  eth_baseFee: method([], () => toQuantity(nextBaseFee(headOf(node).header) ?? 0n)),
  eth_blobBaseFee: method([], () => toQuantity(nextBlobBaseFee(headOf(node).header) ?? 0n)),
  eth_feeHistory: method(
    [looseCount, blockNumber, optional(percentiles)],
    async ([blocks, newest, asked]) => {
      const last = await heightOf(node, newest);
      if (last === null)
        throw new RpcError(
          codes.server,
          `request beyond head block: requested ${String(newest)}, head ${headOf(node).height}`,
        );
      return feeHistory(node, Math.min(blocks, mostBlocks, last + 1), last, asked);
    },
  ),
});

async function feeHistory(node: RpcNode, blocks: number, last: number, asked?: readonly number[]) {
  const first = last - blocks + 1;
  const baseFees: string[] = [];
  const blobFees: string[] = [];
  const gasRatios: number[] = [];
  const blobRatios: number[] = [];
  const rewards: string[][] = [];
  // Some clients take the tips of the newest block for their own.
  const suggested = suggestedTip(node);
  const least = suggested > 1n ? suggested : 0n;
  for (let height = first; height <= last; height++) {
    const block = await knownBlock(node, height);
    baseFees.push(toQuantity(block.header.baseFee ?? 0n));
    blobFees.push(toQuantity(blobBaseFee(block.header) ?? 0n));
    gasRatios.push(gasUsedRatio(block.header));
    blobRatios.push(blobGasUsedRatio(block.header));
    if (asked) rewards.push(rewardsOf(block, asked, least));
    if (height === last) {
      const following = last < headOf(node).height ? await knownBlock(node, last + 1) : null;
      const next = following ? following.header.baseFee : nextBaseFee(block.header);
      const nextBlob = following ? blobBaseFee(following.header) : nextBlobBaseFee(block.header);
      baseFees.push(toQuantity(next ?? 0n));
      blobFees.push(toQuantity(nextBlob ?? 0n));
    }
  }
  return {
    oldestBlock: toQuantity(blocks === 0 ? 0 : first),
    ...(asked && asked.length > 0 ? { reward: rewards } : {}),
    baseFeePerGas: baseFees,
    gasUsedRatio: gasRatios,
    baseFeePerBlobGas: blobFees,
    blobGasUsedRatio: blobRatios,
  };
}

/** No less than `least` where tips were paid at all. */
function rewardsOf(block: ChainBlock, percentiles: readonly number[], least: bigint): string[] {
  const paid = block.transactions.map((envelope, index): PaidTip => {
    const gasUsed = block.receipts[index]?.gasUsed ?? 0n;
    return { tip: tipOf(readTransaction(envelope), block.header.baseFee), gasUsed };
  });
  return tipsAtPercentiles(paid, percentiles).map((tip) => toQuantity(tip > 0n && tip < least ? least : tip));
}
