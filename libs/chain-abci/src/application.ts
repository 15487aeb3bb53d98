/**
 * The chain as an application of CometBFT (ABCI 0.38). The app hash is the hash of the newest block of the chain: validators that sign a
 * header of CometBFT sign the chain's block, and all that is below it, with it.
 *
 * A proposal is accepted where each of its transactions can be executed in its place. So what is decided is what is executed, and junk of a
 * proposer costs it its turn. Order of a commit: the record of the height, what `onBlock` does, the chain's own batch.
 */
import {
  type AbciApplication,
  proposalStatus,
  type ResponseOf,
  type TransactionResult,
} from '@lucid/abci-server';
import {
  type ChainApplication,
  type ChainApplicationOptions,
  type ExecutedBlock,
  hexToBytes,
  openChainApplication,
} from '@lucid/chain-application';
import type { KvStore } from '@lucid/kv-store';
import { ChainAbciError } from './error.ts';
import { type HeightRecord, HeightRecords } from './height-records.ts';
import { orderTransactions } from './order-transactions.ts';
import { type CometProposal, type Outcome, Proposals } from './proposals.ts';
import { listSnapshots, loadChunk, SnapshotRestore, takeSnapshot } from './snapshots.ts';

export interface ChainAbciOptions {
  /** Genesis, limits and store of the chain. Genesis and limits must be equal on all validators. */
  readonly chain: ChainApplicationOptions;
  /** For the heights of CometBFT; another store than the chain's. */
  readonly records: KvStore;
  /** Seconds after which a height without work makes a block nevertheless; equal on all validators. Default 120. */
  readonly slotSec?: number;
  /** A snapshot is taken of each block whose height is a multiple; default 0, none. */
  readonly snapshotEveryBlocks?: number;
  /** Awaited before the block is committed; after a crash it comes again with the same block. */
  readonly onBlock?: (block: ExecutedBlock) => Promise<void>;
  /** Told why a snapshot could not be taken. */
  readonly onFault: (error: unknown) => void;
}

/** Codes of transactions, equal on all validators. 0: it did what it should. */
export const transactionCodes = { refused: 1, failed: 2 } as const;
const appVersion = 1;
const codespace = 'lucid';
const noChainYet = { code: transactionCodes.refused, log: 'there is no chain here yet', codespace };

export interface ChainAbci extends AbciApplication {
  /** The chain itself, for queries; it is opened where it was not. */
  chain(): Promise<ChainApplication>;
  /** Waits for a snapshot that is being taken; leaves the stores open. */
  close(): Promise<void>;
}

/** Results in the order of the proposal: those of the block, and between them those that it left out. */
function resultsOf(txs: readonly Uint8Array[], block: ExecutedBlock | null): TransactionResult[] {
  const leftOut = new Map(block?.leftOut.map(({ index, refusal }) => [index, refusal]));
  const data = block === null ? new Uint8Array(0) : hexToBytes(block.blockHash);
  let next = 0;
  return txs.map((_, index) => {
    const refusal = leftOut.get(index);
    if (refusal !== undefined) return { code: transactionCodes.refused, log: refusal.message, codespace };
    const result = block!.results[next++]!;
    const gasUsed = Number(result.gasUsed);
    return result.status === 1
      ? { data, gasUsed }
      : { code: transactionCodes.failed, data, gasUsed, log: result.error ?? '', codespace };
  });
}

/** The block on which CometBFT's genesis.json says that it begins. */
function beginningOf(appState: Uint8Array): string | null {
  try {
    const { block } = JSON.parse(Buffer.from(appState).toString('utf8')) as { block?: unknown };
    return typeof block === 'string' ? block.toLowerCase() : null;
  } catch {
    return null;
  }
}

class Application implements ChainAbci {
  readonly #options: ChainAbciOptions;
  readonly #records: HeightRecords;
  readonly #restore: SnapshotRestore;
  #opened: Promise<{ chain: ChainApplication; proposals: Proposals }> | null = null;
  #decided: Outcome | null = null;
  #snapshot: Promise<void> | null = null;

  constructor(options: ChainAbciOptions) {
    this.#options = options;
    this.#records = new HeightRecords(options.records);
    const { store, genesis } = options.chain;
    this.#restore = new SnapshotRestore({ store, genesis, records: this.#records });
  }

  /** Opened late: a snapshot can be restored into an empty store alone, and opening puts the genesis there. */
  #open(): Promise<{ chain: ChainApplication; proposals: Proposals }> {
    this.#opened ??= openChainApplication(this.#options.chain).then((chain) => ({
      chain,
      proposals: new Proposals(chain, this.#options.slotSec ?? 120),
    }));
    return this.#opened;
  }

  async chain(): Promise<ChainApplication> {
    return (await this.#open()).chain;
  }

  /** Null where nothing is here yet: CometBFT will bring a genesis or a snapshot. */
  async #chainIfAny(): Promise<ChainApplication | null> {
    return this.#opened !== null || (await this.#records.any()) ? this.chain() : null;
  }

  async info(): Promise<ResponseOf<'info'>> {
    const about = { data: 'lucid chain', version: '1', appVersion };
    const head = (await this.#chainIfAny())?.info();
    if (head === undefined) return about;
    const lastBlockHeight = await this.#records.doneHeight(head.height);
    return { ...about, lastBlockHeight, lastBlockAppHash: hexToBytes(head.blockHash) };
  }

  async initChain({
    appStateBytes,
    initialHeight,
  }: Parameters<AbciApplication['initChain']>[0]): Promise<ResponseOf<'initChain'>> {
    const { blockHash } = (await this.chain()).info();
    if (beginningOf(appStateBytes) !== blockHash)
      throw new ChainAbciError(
        'begin_elsewhere',
        `the chain here is at ${blockHash}; where that is right, put "app_state": {"block": "${blockHash}"} there, and initial_height "1"`,
      );
    if (initialHeight > 1)
      throw new ChainAbciError('begin_elsewhere', `initial_height is ${initialHeight}, it must be "1"`);
    return { appHash: hexToBytes(blockHash) };
  }

  async checkTx({ tx }: Parameters<AbciApplication['checkTx']>[0]): Promise<ResponseOf<'checkTx'>> {
    const chain = await this.#chainIfAny();
    if (chain === null) return noChainYet;
    const checked = await chain.checkTransaction(tx);
    if (!checked.ok)
      return { code: transactionCodes.refused, log: checked.message, info: checked.reason, codespace };
    return { data: hexToBytes(checked.hash), gasWanted: Number(checked.gasLimit) };
  }

  /** What cannot be executed after those before it is left out; it stays in the mempool until that refuses it. */
  async prepareProposal(
    request: Parameters<AbciApplication['prepareProposal']>[0],
  ): Promise<ResponseOf<'prepareProposal'>> {
    const { chain, proposals } = await this.#open();
    const ordered = await orderTransactions(chain, request.txs);
    const outcome = await proposals.execute({ ...request, txs: ordered });
    const leftOut = new Set(outcome.block?.leftOut.map(({ index }) => index));
    const txs = ordered.filter((_, index) => !leftOut.has(index));
    if (txs.length > 0) proposals.keepAs({ ...request, txs }, outcome);
    return { txs };
  }

  async processProposal(
    request: Parameters<AbciApplication['processProposal']>[0],
  ): Promise<ResponseOf<'processProposal'>> {
    const { proposals } = await this.#open();
    const { block } = await proposals.execute(request);
    const whole = block === null || block.leftOut.length === 0;
    return { status: whole ? proposalStatus.accept : proposalStatus.reject };
  }

  async finalizeBlock(request: CometProposal): Promise<ResponseOf<'finalizeBlock'>> {
    const { chain, proposals } = await this.#open();
    const outcome = await proposals.execute(request);
    this.#decided = outcome;
    const blockHash = outcome.block?.blockHash ?? chain.info().blockHash;
    return { txResults: resultsOf(request.txs, outcome.block), appHash: hexToBytes(blockHash) };
  }

  async commit(): Promise<ResponseOf<'commit'>> {
    const { chain, proposals } = await this.#open();
    const decided = this.#decided;
    if (decided === null) throw new ChainAbciError('out_of_order', 'commit, and no block was finalized');
    const { height, block } = decided;
    await this.#records.write({ height, block: block?.height ?? chain.info().height });
    if (block !== null) {
      await this.#options.onBlock?.(block);
      await chain.commit(block.blockHash);
    }
    this.#decided = null;
    await proposals.forget();
    const every = this.#options.snapshotEveryBlocks ?? 0;
    if (block !== null && every > 0 && block.height % every === 0)
      this.#takeSnapshot(chain, { height, block: block.height });
    return {};
  }

  /** Beside the next blocks; none where one is being taken still. */
  #takeSnapshot(chain: ChainApplication, of: HeightRecord): void {
    this.#snapshot ??= takeSnapshot(chain, this.#records, of)
      .catch(this.#options.onFault)
      .finally(() => {
        this.#snapshot = null;
      });
  }

  /** `/head`: height and hash of the newest block, as JSON. `/block/HEIGHT`: its RLP. */
  async query({ path }: Parameters<AbciApplication['query']>[0]): Promise<ResponseOf<'query'>> {
    const chain = await this.#chainIfAny();
    if (chain === null)
      return { code: transactionCodes.refused, log: 'there is no chain here yet', codespace };
    const { height, blockHash } = chain.info();
    if (path === '/head') return { value: new TextEncoder().encode(JSON.stringify({ height, blockHash })) };
    const [, asked] = /^\/block\/(\d{1,15})$/.exec(path) ?? [];
    const value = asked === undefined ? null : await chain.blockRlp(Number(asked));
    if (value !== null) return { value };
    const log = asked === undefined ? 'ask for /head or /block/HEIGHT' : `block ${asked} is not here`;
    return { code: transactionCodes.refused, log, codespace };
  }

  async listSnapshots(): Promise<ResponseOf<'listSnapshots'>> {
    const chain = await this.#chainIfAny();
    return chain === null ? {} : { snapshots: await listSnapshots(chain, this.#records) };
  }

  offerSnapshot(
    request: Parameters<AbciApplication['offerSnapshot']>[0],
  ): Promise<ResponseOf<'offerSnapshot'>> {
    if (this.#opened !== null)
      throw new ChainAbciError(
        'out_of_order',
        'a snapshot is offered, and the chain is open already; empty both folders first',
      );
    return this.#restore.offer(request);
  }

  async loadSnapshotChunk(
    request: Parameters<AbciApplication['loadSnapshotChunk']>[0],
  ): Promise<ResponseOf<'loadSnapshotChunk'>> {
    const chain = await this.#chainIfAny();
    return chain === null ? {} : { chunk: await loadChunk(chain, this.#records, request) };
  }

  applySnapshotChunk(
    request: Parameters<AbciApplication['applySnapshotChunk']>[0],
  ): Promise<ResponseOf<'applySnapshotChunk'>> {
    return this.#restore.apply(request);
  }

  async close(): Promise<void> {
    await this.#snapshot;
    await (await this.#opened)?.chain.close();
  }
}

/** Opens nothing yet: the first request does. */
export const createChainAbci = (options: ChainAbciOptions): ChainAbci => new Application(options);
