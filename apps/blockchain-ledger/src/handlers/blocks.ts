import { fromHex, toHex } from '@lucid/chain-wire';
import { readHeader } from '../chain/header.ts';
import type { LedgerContext } from '../context.ts';
import { onChain, toChainProblem } from './chain-problems.ts';

export async function putBlock(context: LedgerContext, height: number, body: Uint8Array) {
  try {
    const { blockHash, stateRoot } = await (await context.chain.writer()).put(height, body);
    return { height, blockHash: toHex(blockHash), stateRoot: toHex(stateRoot) };
  } catch (error) {
    throw toChainProblem(error);
  }
}

export const readChainHead = (context: LedgerContext) =>
  onChain(context, async (chain) => {
    const { head, header } = await chain.describeHead();
    const { stateRoot, timestampSec } = readHeader(header.headerRlp);
    return {
      height: head.height,
      blockHash: toHex(head.blockHash),
      stateRoot: toHex(stateRoot),
      timestampSec,
      oldestBody: head.oldestBody,
      transactions: head.transactions,
    };
  });

export const readBlock = (context: LedgerContext, height: number): Promise<Uint8Array> =>
  onChain(context, (chain) => chain.block(height));

export const readBlockHeader = (context: LedgerContext, height: number): Promise<Uint8Array> =>
  onChain(context, async (chain) => (await chain.header(height)).headerRlp);

export const locateBlock = (context: LedgerContext, blockHash: string) =>
  onChain(context, async (chain) => ({ height: await chain.locateBlock(fromHex(blockHash)) }));

export const locateTransaction = (context: LedgerContext, transaction: string) =>
  onChain(context, (chain) => chain.locateTransaction(fromHex(transaction)));
