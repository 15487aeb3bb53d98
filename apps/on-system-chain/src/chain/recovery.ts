/**
 * Brings ledger and vm to the same block. A block is acknowledged when the ledger has it; the vm may lack the last ones then, and
 * executes them again. The vm never is ahead: it commits only what the ledger has.
 */
import { decodeExecutedBlock, decodeKeptBlock, encodeKeptBlock } from '@lucid/chain-wire';
import { isProblem } from '@lucid/service-kit';
import type { Vm } from '../mempool/check-batcher.ts';
import { ChainBlock } from './chain-block.ts';
import type { Ledger } from './chain-view.ts';

/** Ledger and vm do not belong together; nothing that this service may do makes them. */
export class ChainsDiffer extends Error {
  override readonly name = 'ChainsDiffer';
}

interface Head {
  readonly height: number;
  readonly blockHash: string;
}

/** A block that the vm executed again, in order; and the one at which that began, and will end. */
export interface Replayed {
  readonly block: ChainBlock;
  readonly first: number;
  readonly last: number;
}

export interface RecoveryOptions {
  readonly vm: Vm;
  readonly ledger: Ledger;
  readonly onReplayed: (replayed: Replayed) => void;
  readonly signal: AbortSignal;
}

async function ledgerHead(ledger: Ledger): Promise<Head | null> {
  try {
    return await ledger.getChainHead();
  } catch (error) {
    if (isProblem(error, 'not_in_chain')) return null;
    throw error;
  }
}

async function putGenesis(vm: Vm, ledger: Ledger): Promise<Head> {
  const executed = decodeExecutedBlock(await vm.getGenesis());
  return ledger.putBlock({ params: { height: 0 }, body: encodeKeptBlock(executed) });
}

async function assertSameGenesis(vm: Vm, ledger: Ledger): Promise<void> {
  const genesis = new ChainBlock(decodeExecutedBlock(await vm.getGenesis()));
  const kept = await ledger.getHeader({ params: { height: 0 } });
  if (Buffer.compare(genesis.headerRlp, kept) !== 0)
    throw new ChainsDiffer('ledger and vm were made from different genesis files');
}

/** Executes a block of the ledger in the vm, and commits it. */
export async function replayBlock(vm: Vm, block: ChainBlock): Promise<void> {
  const params = { height: block.height };
  const executed = decodeExecutedBlock(await vm.importBlock({ params, body: block.blockRlp }));
  const { hash } = new ChainBlock(executed);
  if (hash !== block.hash)
    throw new ChainsDiffer(`the vm makes another block ${block.height} than the ledger has`);
  await vm.commitBlock({ params, body: { blockHash: block.hash } });
}

/** What the vm says of its chain. */
export interface ChainRules {
  readonly chainId: number;
  /** Least wei per gas of a transaction that is taken. */
  readonly minGasPrice: bigint;
}

/** Resolves to the newest block and the chain’s rules. @throws ChainsDiffer; ProblemError of vm and ledger */
export async function recover(options: RecoveryOptions): Promise<{ head: ChainBlock; rules: ChainRules }> {
  const { vm, ledger, onReplayed, signal } = options;
  const executed = await vm.getStatus();
  const kept = await ledgerHead(ledger);
  if (executed.height > (kept?.height ?? 0))
    throw new ChainsDiffer(
      `the vm has block ${executed.height}, the ledger ends at ${kept?.height ?? 'none'}: restore the ledger, or remove the folder of the vm, which executes the ledger’s blocks anew`,
    );
  const head = kept ?? (await putGenesis(vm, ledger));
  await assertSameGenesis(vm, ledger);
  const blockAt = async (height: number) =>
    new ChainBlock(decodeKeptBlock(await ledger.getBlock({ params: { height } })));
  for (let height = executed.height + 1; height <= head.height; height++) {
    signal.throwIfAborted();
    const block = await blockAt(height);
    await replayBlock(vm, block);
    onReplayed({ block, first: executed.height + 1, last: head.height });
  }
  if (executed.height === head.height && executed.blockHash !== head.blockHash)
    throw new ChainsDiffer(`ledger and vm have different blocks ${head.height}`);
  const { chainId, minGasPrice } = executed;
  return { head: await blockAt(head.height), rules: { chainId, minGasPrice: BigInt(minGasPrice) } };
}
