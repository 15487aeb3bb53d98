/** Opens the state machine on a key-value store: makes block 0 where the store is empty, and goes on at the head where it is not. */
import type { BlockHeader } from '@ethereumjs/block';
import type { KvStore } from '@lucid/kv-store';
import type { BlockHead, BlockLimits, ChainApplication } from './application.ts';
import { createChainConfig } from './chain-config.ts';
import { ChainMachine } from './chain-machine.ts';
import { Application } from './chain-queries.ts';
import { ChainStore } from './chain-store.ts';
import { loadCrypto } from './crypto.ts';
import { ChainError } from './error.ts';
import { parseGenesis } from './genesis.ts';
import { type GenesisState, makeGenesis } from './genesis-block.ts';
import { NodeStore } from './node-store.ts';
import { bytesToHex } from './values.ts';
import { readBlock } from './view.ts';

export const defaultBlockLimits: BlockLimits = {
  maxTransactions: 2_000,
  maxTransactionsSizeBytes: 1_000_000,
  maxTransactionSizeBytes: 100_000,
  maxTransactionGas: 8_000_000n,
  minGasPriceWei: 1_000_000_000n,
};

export interface ChainApplicationOptions {
  /** Parsed JSON, or the text, of a geth-style genesis.json. */
  readonly genesis: unknown;
  readonly store: KvStore;
  /** Default: those of our own network. */
  readonly limits?: Partial<BlockLimits>;
  /** Most gas of a call that is only tried; default 50,000,000. */
  readonly callGasCap?: bigint;
  /**
   * Lets others in this process have their turn: awaited between transactions, and within one after some thousand dear steps. Default
   * `setImmediate`.
   */
  readonly yieldTurn?: () => Promise<void>;
  /** Most steps of a call that is only tried, a jump being one (`turn-hook.ts`); default 5,000,000. More is `execution_limit`. */
  readonly callStepLimit?: number;
  /** Most steps that a trace tells; default 200,000. */
  readonly traceStepLimit?: number;
  /** Decoded trie nodes held in memory, twice so many at most; default 30,000. */
  readonly cachedNodes?: number;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Block 0 with its state and the head marker, in one batch. */
async function storeGenesis(chainStore: ChainStore, { block, pending }: GenesisState): Promise<void> {
  const { header } = block;
  const blockHash = bytesToHex(header.hash());
  const head = {
    height: 0,
    blockHash,
    stateRoot: bytesToHex(header.stateRoot),
    timestampSec: Number(header.timestamp),
  };
  await chainStore.commit(
    { head, headerRlp: header.serialize(), blockRlp: block.serialize(), transactionHashes: [], pending },
    [ChainStore.genesisOperation(blockHash)],
  );
}

/**
 * Rejects with `genesis_invalid`; with `genesis_conflict` where the store holds another chain; with `state_damaged` where its head
 * cannot be read. The store stays the caller's to close.
 */
export async function openChainApplication(options: ChainApplicationOptions): Promise<ChainApplication> {
  await loadCrypto();
  const genesis = parseGenesis(options.genesis);
  const config = createChainConfig(genesis.gethConfig);
  const nodeStore = new NodeStore(options.store, {
    cachedNodes: options.cachedNodes ?? 30_000,
    cachedCodes: 500,
  });
  const chainStore = new ChainStore(options.store);
  const first = await makeGenesis(genesis, config, nodeStore);
  const genesisHash = bytesToHex(first.block.hash());
  const stored = await chainStore.genesisHash();
  if (stored !== null && stored !== genesisHash)
    throw new ChainError('genesis_conflict', `the store holds ${stored}, the genesis file is ${genesisHash}`);
  if (stored === null) await storeGenesis(chainStore, first);
  const head = await chainStore.head();
  if (head === null) throw new ChainError('state_damaged', 'the head marker is missing');
  const block = head.height === 0 ? first.block : await readBlock({ chainStore, config }, head.height);
  if (block === null || !isNamedBy(head, block.header))
    throw new ChainError('state_damaged', `block ${head.height} is not the one that the head marker names`);
  const machine = new ChainMachine({
    config,
    genesis,
    chainStore,
    nodeStore,
    genesisBlock: first.block,
    head,
    headBlock: block,
    oldestState: await chainStore.oldestState(),
    limits: { ...defaultBlockLimits, ...options.limits },
    callGasCap: options.callGasCap ?? 50_000_000n,
    callStepLimit: options.callStepLimit ?? 5_000_000,
    traceStepLimit: options.traceStepLimit ?? 200_000,
    yieldTurn: options.yieldTurn ?? nextTurn,
  });
  return new Application(machine);
}

const isNamedBy = ({ blockHash, stateRoot, timestampSec }: BlockHead, header: BlockHeader): boolean =>
  bytesToHex(header.hash()) === blockHash &&
  bytesToHex(header.stateRoot) === stateRoot &&
  Number(header.timestamp) === timestampSec;
