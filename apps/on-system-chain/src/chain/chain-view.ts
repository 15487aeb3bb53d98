/**
 * The chain as clients see it: up to the newest block that ledger and vm both have. Blocks come from the ledger and stay in
 * memory for a while; since nothing of an acknowledged block ever changes, nothing kept here can be wrong later.
 */
import { decodeKeptBlock } from '@lucid/chain-wire';
import type { blockchainLedgerContract } from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import { ChainBlock } from './chain-block.ts';

export type Ledger = Client<typeof blockchainLedgerContract>;

export interface TransactionPosition {
  readonly height: number;
  readonly index: number;
}

type Maybe<T> = T | null | Promise<T | null>;

/** Positions of transactions that are remembered. */
const mostPositions = 50_000;

/** The body of a block is not kept any more. */
export class BlockPruned extends Error {
  override readonly name = 'BlockPruned';
}

/** Null where the ledger says that it has no such thing. */
async function found<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isProblem(error, 'not_in_chain')) return null;
    if (isProblem(error, 'block_pruned')) throw new BlockPruned('only its header is kept', { cause: error });
    throw error;
  }
}

export interface ChainViewOptions {
  readonly ledger: Ledger;
  readonly cacheBytes: number;
}

export class ChainView {
  readonly #ledger: Ledger;
  readonly #cacheBytes: number;
  /** Least recently used first. */
  readonly #blocks = new Map<number, ChainBlock>();
  readonly #loading = new Map<number, Promise<ChainBlock | null>>();
  readonly #heights = new Map<string, number>();
  readonly #positions = new Map<string, TransactionPosition>();
  #head: ChainBlock | null = null;

  constructor({ ledger, cacheBytes }: ChainViewOptions) {
    this.#ledger = ledger;
    this.#cacheBytes = cacheBytes;
  }

  /** Null until the first block is known. */
  get head(): ChainBlock | null {
    return this.#head;
  }

  /** The next block of the chain, or at the start the newest. */
  publish(block: ChainBlock): void {
    this.#head = block;
    this.#keep(block);
    for (let index = 0; index < block.transactions.length; index++)
      this.#remember(block.hashAt(index), { height: block.height, index });
  }

  /** Null above the head. @throws BlockPruned, ProblemError of the ledger */
  block(height: number): Maybe<ChainBlock> {
    const head = this.#head;
    if (!head || height > head.height) return null;
    if (height === head.height) return head;
    const kept = this.#blocks.get(height);
    if (!kept) return this.#load(height);
    this.#blocks.delete(height);
    this.#blocks.set(height, kept);
    return kept;
  }

  #load(height: number): Promise<ChainBlock | null> {
    const running = this.#loading.get(height);
    if (running) return running;
    const loading = found(this.#ledger.getBlock({ params: { height } }))
      .then((bytes) => {
        const block = bytes && new ChainBlock(decodeKeptBlock(bytes));
        if (block) this.#keep(block);
        return block;
      })
      .finally(() => this.#loading.delete(height));
    this.#loading.set(height, loading);
    return loading;
  }

  #keep(block: ChainBlock): void {
    this.#blocks.set(block.height, block);
    this.#heights.set(block.hash, block.height);
    let size = 0;
    for (const each of this.#blocks.values()) size += each.sizeBytes;
    for (const [height, each] of this.#blocks) {
      if (size <= this.#cacheBytes) return;
      size -= each.sizeBytes;
      this.#blocks.delete(height);
      this.#heights.delete(each.hash);
    }
  }

  /** @throws ProblemError of the ledger */
  heightOf(blockHash: string): Maybe<number> {
    return this.#heights.get(blockHash) ?? this.#locate(blockHash);
  }

  async #locate(blockHash: string): Promise<number | null> {
    const located = await found(this.#ledger.locateBlock({ params: { blockHash } }));
    return located && this.#isPublished(located.height) ? located.height : null;
  }

  #isPublished(height: number): boolean {
    return this.#head !== null && height <= this.#head.height;
  }

  /** @throws ProblemError of the ledger */
  positionOf(transaction: string): Maybe<TransactionPosition> {
    return this.#positions.get(transaction) ?? this.#find(transaction);
  }

  async #find(transaction: string): Promise<TransactionPosition | null> {
    const position = await found(this.#ledger.locateTransaction({ params: { transaction } }));
    if (!position || !this.#isPublished(position.height)) return null;
    this.#remember(transaction, position);
    return position;
  }

  #remember(transaction: string, position: TransactionPosition): void {
    this.#positions.set(transaction, position);
    if (this.#positions.size <= mostPositions) return;
    const [oldest] = this.#positions.keys();
    if (oldest !== undefined) this.#positions.delete(oldest);
  }
}
