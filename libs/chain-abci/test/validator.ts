/** For tests: a validator's application over memory, and what CometBFT would ask of it. */
import { proposalStatus } from '@lucid/abci-server';
import { bytesToHex, hexToBytes } from '@lucid/chain-application';
import { createMemoryKvStore, type KvStore, type MemoryKvStore } from '@lucid/kv-store';
import { genesis, startSec } from '../../chain-application/test/test-chain.ts';
import { type ChainAbci, type ChainAbciOptions, createChainAbci } from '../src/index.ts';

export const validatorAddress = new Uint8Array(20).fill(0xab);

export interface Stores {
  readonly chain: KvStore;
  readonly records: KvStore;
}

export const memoryStores = (): { chain: MemoryKvStore; records: MemoryKvStore } => ({
  chain: createMemoryKvStore(),
  records: createMemoryKvStore(),
});

export const openValidator = (
  stores: Stores = memoryStores(),
  options: Partial<ChainAbciOptions> = {},
): ChainAbci =>
  createChainAbci({
    chain: { genesis, store: stores.chain },
    records: stores.records,
    onFault: (error) => {
      throw error;
    },
    ...options,
  });

export const initRequest = (block: string) => ({
  time: { seconds: startSec, nanos: 0 },
  chainId: 'lucid_blocks',
  appStateBytes: new TextEncoder().encode(JSON.stringify({ block })),
  initialHeight: 1,
});

/** What all validators are told of the block of a height. */
export const proposalAt = (height: number, txs: readonly Uint8Array[] = [], seconds = startSec + height) => ({
  height,
  txs,
  time: { seconds, nanos: 5 },
  proposerAddress: validatorAddress,
});

export async function begin(validator: ChainAbci): Promise<string> {
  const { blockHash } = (await validator.chain()).info();
  const { appHash } = await validator.initChain(initRequest(blockHash));
  return bytesToHex(appHash!);
}

export interface Decided {
  readonly txs: readonly Uint8Array[];
  readonly appHash: string;
  readonly codes: readonly number[];
  readonly data: readonly string[];
}

/** One height: the first validator proposes of what the mempool holds, all judge, finalize and commit it, and agree. */
export async function decide(
  validators: readonly ChainAbci[],
  height: number,
  mempool: readonly Uint8Array[] = [],
  seconds?: number,
): Promise<Decided> {
  const prepared = await validators[0]!.prepareProposal({
    ...proposalAt(height, mempool, seconds),
    maxTxBytes: 1_000_000,
  });
  const proposal = proposalAt(height, prepared.txs ?? [], seconds);
  const decided: Decided[] = [];
  for (const validator of validators) {
    const { status } = await validator.processProposal(proposal);
    if (status !== proposalStatus.accept) throw new Error('the proposal is rejected');
    decided.push(await finalize(validator, proposal));
  }
  for (const each of decided) expect(each).toEqual(decided[0]);
  return decided[0]!;
}

export async function finalize(
  validator: ChainAbci,
  proposal: ReturnType<typeof proposalAt>,
): Promise<Decided> {
  const { appHash, txResults = [] } = await validator.finalizeBlock(proposal);
  await validator.commit({});
  return {
    txs: proposal.txs,
    appHash: bytesToHex(appHash!),
    codes: txResults.map(({ code = 0 }) => code),
    data: txResults.map(({ data }) => bytesToHex(data ?? new Uint8Array(0))),
  };
}

export const infoOf = async (validator: ChainAbci) => {
  const { lastBlockHeight = 0, lastBlockAppHash = new Uint8Array(0) } = await validator.info({
    version: '0.38.17',
    abciVersion: '2.0.0',
  });
  return { height: lastBlockHeight, appHash: bytesToHex(lastBlockAppHash) };
};

export const checkRequest = (tx: Uint8Array) => ({ tx, type: 0 });
export { hexToBytes };
