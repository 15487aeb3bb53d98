/**
 * The chain's blocks, in order. A block counts as kept when it is in the store and its header in the log; nothing is
 * shown of it before. After a crash between the two the start appends what the log lacks.
 *
 * A start reads the head, its header, and the newest 64 headers beside their entries in the log; everything older is
 * judged when it is read, and by `checkChain`.
 */
import type { KvStore } from '@lucid/kv-store';
import { MAX_ENTRY_SIZE_BYTES } from '../domain/entry-bundle.ts';
import { asInvalid, judgeBlock } from './block-judge.ts';
import { ChainError, damaged } from './chain-error.ts';
import { catchUp, checkHead } from './chain-start.ts';
import { ChainStore } from './chain-store.ts';
import type { HeaderLog } from './header-log.ts';
import type { Keccak256 } from './keccak.ts';
import { type KeptBlock, readKeptBlock } from './kept-block.ts';
import { sweepBelow } from './pruner.ts';
import type { HeaderRecord, HeadRecord, Place } from './store-layout.ts';

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

export interface BlockName {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly stateRoot: Uint8Array;
}

/** Every method throws or rejects with a `ChainError`, or with what the log said. */
export class Chain {
  readonly store: ChainStore;
  readonly #log: HeaderLog;
  /** What the store has; the newest block of it may wait for the log. */
  #stored: HeadRecord | undefined;
  /** What is kept and shown. */
  #head: HeadRecord | undefined;
  #failed = false;
  /** The highest block that a batch was begun for. */
  #reach: number;
  #queue: Promise<unknown> = Promise.resolve();
  #maintenance: Promise<unknown> = Promise.resolve();
  #sweeping: Promise<void> | undefined;
  /** Below it nothing is left to be removed, as far as is known. */
  #sweptTo = 0;
  #closing = false;

  private constructor(store: ChainStore, log: HeaderLog, stored: HeadRecord | undefined) {
    this.store = store;
    this.#log = log;
    this.#stored = stored;
    this.#head = stored;
    this.#reach = stored?.height ?? -1;
  }

  /** Closes the store where it throws. */
  static async open(options: { kv: KvStore; keccak: Keccak256; log: HeaderLog }): Promise<Chain> {
    const store = new ChainStore(options.kv, options.keccak);
    try {
      const head = await store.readHead();
      if (!head && !(await store.isEmpty())) throw damaged('the head is missing');
      if (head) await checkHead(store, head);
      if (head) await catchUp(store, options.log, head.height);
      const chain = new Chain(store, options.log, head);
      // What a sweep left that was cut off; whatever fails here fails again, and is heard, with the next one.
      if (head && head.oldestBody > 0) chain.sweep().catch(() => undefined);
      return chain;
    } catch (error) {
      await store.close().catch(() => undefined);
      throw error;
    }
  }

  /** True after a batch failed: nobody knows what the store has; it must be opened anew. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Undefined where there is no block. */
  get head(): HeadRecord | undefined {
    return this.#head;
  }

  get log(): HeaderLog {
    return this.#log;
  }

  /** No block above it can be in the store, nor on its way there. */
  get reach(): number {
    return this.#reach;
  }

  /** Changes follow each other. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work);
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  /** Checks and pruning follow each other, beside the blocks that come. */
  maintain<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#maintenance.then(work);
    this.#maintenance = mine.catch(() => undefined);
    return mine;
  }

  /** Resolves when the block is in the store and its header in the log, both durable. */
  put(height: number, bytes: Uint8Array): Promise<BlockName> {
    return this.exclusive(() => this.#put(height, bytes));
  }

  async #put(height: number, bytes: Uint8Array): Promise<BlockName> {
    this.#assertUsable();
    const block = this.#read(bytes);
    if (block.header.height !== height)
      throw new ChainError('block_invalid', {
        detail: `number: ${height} was asked, this is ${block.header.height}`,
      });
    // Where an earlier try got no further than the store, that block counts, whatever comes now.
    await this.#finish();
    if (this.#stored && height <= this.#stored.height) await this.#assertKept(block);
    else await this.#append(block);
    await this.#finish();
    return { height, blockHash: block.blockHash, stateRoot: block.header.stateRoot };
  }

  #read(bytes: Uint8Array): KeptBlock {
    try {
      return readKeptBlock(this.store.keccak, bytes);
    } catch (error) {
      throw asInvalid(error);
    }
  }

  #assertUsable(): void {
    if (this.#failed) throw new ChainError('chain_unavailable', { detail: 'its last batch failed' });
  }

  async #assertKept(block: KeptBlock): Promise<void> {
    const { blockHash } = await this.store.readHeader(block.header.height);
    if (!isSame(blockHash, block.blockHash)) throw new ChainError('block_conflict');
  }

  async #append(block: KeptBlock): Promise<void> {
    const { height } = block.header;
    const next = this.#stored ? this.#stored.height + 1 : 0;
    if (height !== next) throw new ChainError('block_out_of_order', { detail: `the next one is ${next}` });
    if (this.#stored && !isSame(block.header.parentHash, this.#stored.blockHash))
      throw new ChainError('block_invalid', { detail: 'parent hash: not that of the newest block' });
    if (block.headerRlp.length > MAX_ENTRY_SIZE_BYTES)
      throw new ChainError('block_invalid', { detail: 'header: longer than an entry of the log may be' });
    await this.#assertNotElsewise(block);
    try {
      const judged = await judgeBlock(this.store.keccak, block);
      this.#reach = height;
      this.#stored = await this.#write(() => this.store.append(judged, this.#stored));
    } catch (error) {
      throw asInvalid(error);
    }
  }

  /** The log may know this height: the store was set back. Only the very same block may follow then. */
  async #assertNotElsewise({ header: { height }, headerRlp }: KeptBlock): Promise<void> {
    const logged = await this.#log.find(height);
    if (logged && !isSame(logged, headerRlp))
      throw new ChainError('chain_rolled_back', { detail: `the log holds another block ${height}` });
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async #finish(): Promise<void> {
    const stored = this.#stored;
    if (!stored || this.#head === stored) return;
    const { headerRlp } = await this.store.readHeader(stored.height);
    await this.#log.append(stored.height, headerRlp);
    this.#head = stored;
  }

  /** Makes a new head of the same block durable; inside `exclusive`. */
  async replaceHead(change: (head: HeadRecord) => HeadRecord): Promise<HeadRecord> {
    this.#assertUsable();
    await this.#finish();
    const head = change(this.#assertHead());
    await this.#write(() => this.store.writeHead(head));
    this.#stored = head;
    this.#head = head;
    return head;
  }

  #assertHead(): HeadRecord {
    if (!this.#head) throw new ChainError('not_in_chain', { detail: 'there is no block yet' });
    return this.#head;
  }

  /** The newest block and the total of transactions. */
  async describeHead(): Promise<{ head: HeadRecord; header: HeaderRecord }> {
    const head = this.#assertHead();
    return { head, header: await this.header(head.height) };
  }

  async header(height: number): Promise<HeaderRecord> {
    if (height > this.#assertHead().height) throw new ChainError('not_in_chain');
    return this.store.readHeader(height);
  }

  /** Throws where the block is not there, or only its header. */
  assertBody(height: number): void {
    const { height: newest, oldestBody } = this.#assertHead();
    if (height > newest) throw new ChainError('not_in_chain');
    if (height < oldestBody)
      throw new ChainError('block_pruned', { detail: `bodies are kept from ${oldestBody} on` });
  }

  async block(height: number): Promise<Uint8Array> {
    return this.body(height, () => this.store.readBlock(height));
  }

  /** Reads what pruning may take away meanwhile. */
  async body<T>(height: number, read: () => Promise<T>): Promise<T> {
    this.assertBody(height);
    try {
      return await read();
    } catch (error) {
      this.assertBody(height);
      throw error;
    }
  }

  async locateBlock(blockHash: Uint8Array): Promise<number> {
    const height = await this.store.heightOf(blockHash);
    if (height === undefined || height > this.#assertHead().height) throw new ChainError('not_in_chain');
    return height;
  }

  async locateTransaction(hash: Uint8Array): Promise<Place> {
    const place = await this.store.placeOf(hash);
    if (place === undefined || place.height > this.#assertHead().height) throw new ChainError('not_in_chain');
    return place;
  }

  get isSweeping(): boolean {
    return this.#sweeping !== undefined;
  }

  /** Removes what lies below the oldest body; whoever asks during a sweep gets the next one. */
  async sweep(): Promise<void> {
    await this.#sweeping;
    const from = this.#sweptTo;
    const oldestBody = this.#head?.oldestBody ?? 0;
    this.#sweeping ??= sweepBelow(this.store, { from, oldestBody, isStopped: () => this.#closing })
      .then(() => {
        this.#sweptTo = oldestBody;
      })
      .finally(() => {
        this.#sweeping = undefined;
      });
    await this.#sweeping;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#queue;
    await this.#sweeping?.catch(() => undefined);
    this.#failed = true;
    await this.store.close();
  }
}
