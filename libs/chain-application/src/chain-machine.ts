/** The state machine itself: head, the block that waits to be committed, and one thing at a time that changes the state. */
import type { Block } from '@ethereumjs/block';
import type {
  BlockHead,
  BlockLimits,
  BlockProposal,
  ChainInfo,
  CheckTransactionOptions,
  CheckTransactionResult,
  ExecutedBlock,
  PruneReport,
} from './application.ts';
import { CallMachines } from './call-machine.ts';
import type { ChainConfig } from './chain-config.ts';
import { ChainState } from './chain-state.ts';
import type { ChainStore } from './chain-store.ts';
import { checkTransaction } from './check-transaction.ts';
import { ChainError } from './error.ts';
import { makeBlock } from './execute-block.ts';
import type { Genesis } from './genesis.ts';
import { expectedBaseFee } from './header-rules.ts';
import { decodeBlock, replayBlock } from './import-block.ts';
import { createMachine, type Machine } from './machine.ts';
import { createPendingWrites, type NodeStore, type PendingWrites } from './node-store.ts';
import { Pruning } from './prune.ts';
import { SenderCache } from './sender-cache.ts';
import { hookTurns } from './turn-hook.ts';
import { bytesToHex, bytesToKey, type Hex, hexToBytes } from './values.ts';
import { openView, type StateView, type ViewSource } from './view.ts';

export interface ChainMachineParts {
  readonly config: ChainConfig;
  readonly genesis: Genesis;
  readonly chainStore: ChainStore;
  readonly nodeStore: NodeStore;
  readonly genesisBlock: Block;
  readonly head: BlockHead;
  readonly headBlock: Block;
  readonly oldestState: number;
  readonly limits: BlockLimits;
  readonly callGasCap: bigint;
  readonly callStepLimit: number;
  readonly traceStepLimit: number;
  readonly yieldTurn: () => Promise<void>;
}

interface PendingBlock {
  readonly executed: ExecutedBlock;
  readonly block: Block;
  readonly writes: PendingWrites;
}

/** Accounts that the state of the head holds in memory from block to block. */
const heldAccountsLimit = 50_000;

export class ChainMachine {
  readonly parts: ChainMachineParts;
  readonly calls: CallMachines;
  readonly viewSource: ViewSource;
  readonly #senders = new SenderCache();
  readonly #machines = new Map<string, Machine>();
  #head: BlockHead;
  #headBlock: Block;
  oldestState: number;
  #writes: PendingWrites = createPendingWrites();
  #state: ChainState;
  #pending: PendingBlock | null = null;
  #busy = false;
  /** Batches of the store that must not overlap: commits and what pruning deletes. */
  #storeTurn: Promise<unknown> = Promise.resolve();
  /** Told of each batch before it is written: a sweep under way must not take away what it brings. */
  onCommit: ((writes: PendingWrites) => void) | null = null;

  constructor(parts: ChainMachineParts) {
    this.parts = parts;
    this.#head = parts.head;
    this.#headBlock = parts.headBlock;
    this.oldestState = parts.oldestState;
    this.#state = new ChainState(parts.nodeStore, bytesToKey(hexToBytes(parts.head.stateRoot)), this.#writes);
    this.viewSource = {
      chainStore: parts.chainStore,
      config: parts.config,
      head: () => ({ block: this.#headBlock, height: this.#head.height, oldestState: this.oldestState }),
    };
    this.calls = new CallMachines({
      config: parts.config,
      store: parts.nodeStore,
      hashAt: (height) => this.hashAt(height),
      stepLimit: parts.callStepLimit,
      yieldTurn: parts.yieldTurn,
    });
  }

  get head(): BlockHead {
    return this.#head;
  }

  get headBlock(): Block {
    return this.#headBlock;
  }

  /** Hash of a committed block, from its child's header where that is at hand. */
  async hashAt(height: number): Promise<Uint8Array> {
    if (height === this.#head.height) return hexToBytes(this.#head.blockHash);
    if (height === this.#head.height - 1) return this.#headBlock.header.parentHash;
    const hash = await this.parts.chainStore.blockHash(height);
    if (hash === null) throw new ChainError('state_damaged', `header ${height} is missing`);
    return hash;
  }

  async #machineAt(height: number, timestampSec: number): Promise<Machine> {
    const rules = this.parts.config.rulesAt(height, timestampSec);
    const fork = rules.hardfork();
    const known = this.#machines.get(fork);
    if (known !== undefined) return known;
    const machine = await createMachine(rules, this.#state, (at) => this.hashAt(at));
    hookTurns(machine.evm, this.parts.yieldTurn);
    this.#machines.set(fork, machine);
    return machine;
  }

  info(): ChainInfo {
    const { header } = this.#headBlock;
    const rules = header.common;
    const pending = this.#pending?.executed;
    return {
      ...this.#head,
      chainId: this.parts.config.chainId,
      genesisHash: bytesToHex(this.parts.genesisBlock.hash()),
      oldestStateHeight: this.oldestState,
      pending:
        pending === undefined
          ? null
          : {
              height: pending.height,
              blockHash: pending.blockHash,
              stateRoot: pending.stateRoot,
              timestampSec: pending.timestampSec,
            },
      gasLimit: header.gasLimit,
      nextBaseFeePerGas: expectedBaseFee(rules, header) ?? 0n,
      minGasPriceWei: this.parts.limits.minGasPriceWei,
      fork: rules.hardfork(),
    };
  }

  view(at?: { readonly height?: number }): Promise<StateView> {
    return openView(this.viewSource, at);
  }

  /** The rules that the next block will most likely have. */
  #nextRules() {
    return this.#headBlock.header.common;
  }

  check(raw: Uint8Array, options: CheckTransactionOptions = {}): Promise<CheckTransactionResult> {
    const { limits, config, nodeStore } = this.parts;
    return checkTransaction(raw, options, {
      rules: this.#nextRules(),
      limits,
      chainId: BigInt(config.chainId),
      blockGasLimit: this.#headBlock.header.gasLimit,
      state: new ChainState(nodeStore, bytesToKey(hexToBytes(this.#head.stateRoot))),
      senders: this.#senders,
    });
  }

  /** Runs what makes the next block; sets the state back where it fails. */
  async #execute(
    height: number,
    work: () => Promise<{ executed: ExecutedBlock; block: Block }>,
  ): Promise<ExecutedBlock> {
    if (this.#pending !== null || this.#busy)
      throw new ChainError(
        'block_pending',
        this.#pending === null ? undefined : `block ${this.#pending.executed.height}`,
      );
    if (height !== this.#head.height + 1)
      throw new ChainError('block_out_of_order', `have ${height}, want ${this.#head.height + 1}`);
    this.#busy = true;
    try {
      const { executed, block } = await work();
      this.#pending = { executed, block, writes: this.#writes };
      return executed;
    } catch (error) {
      await this.#resetState();
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #resetState(): Promise<void> {
    this.#writes.nodes.clear();
    this.#writes.codes.clear();
    for (const { evm } of this.#machines.values()) {
      evm.journal.cleanJournal();
      evm.transientStorage.clear();
    }
    await this.#state.setStateRoot(hexToBytes(this.#head.stateRoot));
  }

  finalizeBlock(proposal: BlockProposal): Promise<ExecutedBlock> {
    return this.#execute(proposal.height, async () => {
      const { limits, config, yieldTurn } = this.parts;
      return makeBlock(proposal, {
        machine: await this.#machineAt(proposal.height, proposal.timestampSec),
        parent: this.#headBlock,
        chainId: BigInt(config.chainId),
        limits,
        knownSender: (hash) => this.#senders.get(hash),
        yieldTurn,
      });
    });
  }

  async importBlock(blockRlp: Uint8Array, senders?: readonly (Hex | undefined)[]): Promise<ExecutedBlock> {
    const block = decodeBlock(blockRlp, this.parts.config, senders);
    const height = Number(block.header.number);
    return this.#execute(height, async () => {
      const machine = await this.#machineAt(height, Number(block.header.timestamp));
      const executed = await replayBlock(block, this.#headBlock, machine, blockRlp);
      return { executed, block };
    });
  }

  async commit(blockHash?: Hex): Promise<BlockHead> {
    const pending = this.#pending;
    if (
      pending === null ||
      this.#busy ||
      (blockHash !== undefined && blockHash !== pending.executed.blockHash)
    )
      throw new ChainError('block_not_executed', blockHash);
    const { executed, block, writes } = pending;
    const { height, stateRoot, timestampSec } = executed;
    const head = { height, blockHash: executed.blockHash, stateRoot, timestampSec };
    this.#busy = true;
    try {
      await this.exclusively(async () => {
        this.onCommit?.(writes);
        await this.parts.chainStore.commit({
          head,
          headerRlp: executed.headerRlp,
          blockRlp: executed.blockRlp,
          transactionHashes: executed.results.map(({ hash }) => hash),
          pending: writes,
        });
      });
      writes.nodes.clear();
      writes.codes.clear();
      this.#pending = null;
      this.#head = head;
      this.#headBlock = block;
      if (this.#state.heldAccounts > heldAccountsLimit) this.#state.clearCaches();
      return head;
    } finally {
      this.#busy = false;
    }
  }

  async abandon(): Promise<void> {
    if (this.#pending === null) return;
    if (this.#busy) throw new ChainError('block_pending', 'it is being committed');
    this.#pending = null;
    await this.#resetState();
  }

  /** Keeps the states of the newest `keepBlocks` blocks. */
  async prune(keepBlocks: number): Promise<PruneReport> {
    if (!Number.isSafeInteger(keepBlocks) || keepBlocks < 1)
      throw new ChainError('request_invalid', 'at least one block must be kept');
    const { chainStore: store, yieldTurn } = this.parts;
    const previousOldest = this.oldestState;
    const oldestHeight = Math.max(previousOldest, this.#head.height - keepBlocks + 1);
    const roots: string[] = [];
    for (let height = this.#head.height; height >= oldestHeight; height--) {
      const { rootKey } = await this.view({ height });
      roots.push(rootKey);
    }
    const exclusively = <T>(work: () => Promise<T>): Promise<T> => this.exclusively(work);
    const pruning = new Pruning({ store, roots, oldestHeight, exclusively, yieldTurn });
    this.onCommit = (writes) => pruning.protect(writes);
    try {
      // A commit that began before the hook was set is over when this turn comes.
      await this.exclusively(async () => {
        this.oldestState = oldestHeight;
      });
      pruning.keep(bytesToKey(hexToBytes(this.#head.stateRoot)));
      return await pruning.run();
    } finally {
      this.onCommit = null;
    }
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#storeTurn.then(work);
    this.#storeTurn = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#storeTurn;
  }
}
