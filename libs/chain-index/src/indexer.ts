/**
 * Follows the ledger's chain. The chain is never reorganised, so the hash of the newest indexed block says whether the ledger still holds
 * the chain that was indexed; where it does not, nothing is read from the index until an operator has it made anew.
 */
import type { IndexStatus } from '@lucid/contracts';
import {
  type BatchOperation,
  isDocumentStoreError,
  removeFrom,
  replaceIn,
  type Stored,
  upsertInto,
} from '@lucid/document-store';
import { isProblem, type Log } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Watch } from './chain-log.ts';
import { freshCursor, type IndexCursor, type IndexStore } from './index-store.ts';
import { type Ledger, readBlockHash, readEvents } from './ledger-reader.ts';
import { askingLedger, indexProblem } from './problem.ts';

/** Blocks that are asked for at once. */
const WINDOW_BLOCKS = 4096;
/** Writes in one batch. */
const WRITTEN_TOGETHER = 500;

const retryAfterMs = 1_000;

type ChainHead = Awaited<ReturnType<Ledger['getChainHead']>>;

/** What is written together: events, and the cursor behind them. */
interface Advance<E> {
  readonly cursor: IndexCursor;
  readonly events: readonly E[];
}

export interface IndexerOptions<E extends object> {
  readonly store: IndexStore<E>;
  readonly ledger: Ledger;
  readonly log: Log;
  /** Asked before blocks are read; what it rejects with, a step rejects with. Other addresses than before: the index is made anew. */
  readonly watch: () => Watch<E> | Promise<Watch<E>>;
  /** What was read from the index before is not good any more. */
  readonly onForgotten?: () => void;
  /** Names a making of the index: never gives the same again, for whichever process. Where it is given, the index has a generation. */
  readonly newGeneration?: () => string;
  /**
   * Waited for before documents are removed, after the index said that it is being forgotten. Who keeps what a generation said for a
   * bounded time waits for longer than that here: then nobody tells of it any more once the index differs.
   */
  readonly beforeRemoval?: () => Promise<void>;
  /** Blocks were indexed, with so many documents. */
  readonly onIndexed?: (documents: number) => void;
}

/** What may be kept of an index that is not being forgotten: by which making of it, and up to which block. */
export interface Generation {
  readonly id: string;
  readonly height: number;
}

const watchedBy = ({ addresses }: Watch<object>): string => addresses.join(' ');

export class Indexer<E extends object> {
  readonly #options: IndexerOptions<E>;
  #state: 'open' | 'clearing' | 'replaced' = 'open';
  /** The generation whose making this process waited before: what was before it may be removed. */
  #waitedFor: string | null = null;
  /** Steps and rebuilds run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: IndexerOptions<E>) {
    this.#options = options;
  }

  /** Whether what the index says may be told. @throws ProblemError chain_replaced, index_clearing */
  assertReadable(): void {
    if (this.#state === 'replaced') throw indexProblem('chain_replaced');
    if (this.#state === 'clearing') throw indexProblem('index_clearing', { extensions: { retryAfterMs } });
  }

  /** To be done before all else. @throws DocumentStoreError */
  async open(): Promise<this> {
    const { phase } = (await this.#openCursor()).document;
    this.#state = phase === 'clearing' ? phase : 'open';
    return this;
  }

  /** Height of the newest indexed block; null before the first. */
  async indexedHeight(): Promise<number | null> {
    const { height } = (await this.#readCursor())?.document ?? freshCursor;
    return height < 0 ? null : height;
  }

  /** As the store has it now; null while the index is being forgotten, and where it has none. @throws DocumentStoreError */
  async generation(): Promise<Generation | null> {
    const { phase, generation, height } = (await this.#readCursor())?.document ?? freshCursor;
    return phase === 'clearing' || generation === undefined ? null : { id: generation, height };
  }

  /** Indexes the next blocks, if there are any; true where there may be more. @throws ProblemError, DocumentStoreError */
  step(): Promise<boolean> {
    return this.#inTurn(() => this.#step());
  }

  /** @throws ProblemError history_pruned, ledger_unavailable; DocumentStoreError */
  rebuild(): Promise<void> {
    return this.#inTurn(async () => {
      const head = await this.#readHead();
      const cursor = await this.#openCursor();
      if (cursor.document.phase === 'clearing') return;
      const isSameChain = head !== null && (await this.#holds(cursor.document, head));
      // Block 0 has no transactions.
      if (isSameChain && head.oldestBody > Math.max(1, cursor.document.completeFrom))
        throw indexProblem('history_pruned');
      await this.#forget(cursor);
    });
  }

  /** What follows makes it anew. */
  async #forget(cursor: Stored<IndexCursor>): Promise<true> {
    const fresh = this.#freshCursor();
    await this.#options.store.cursors.replace({ ...fresh, phase: 'clearing' }, cursor.version);
    this.#state = 'clearing';
    this.#options.onForgotten?.();
    return true;
  }

  async status(): Promise<Static<typeof IndexStatus>> {
    const head = await this.#readHead().catch(() => undefined);
    const { phase, height, genesisHash, completeFrom } = (await this.#readCursor())?.document ?? freshCursor;
    const headHeight = head?.height ?? null;
    const lag = headHeight === null ? null : Math.max(0, headHeight - height);
    const following = lag === null || lag === 0 ? 'following' : 'behind';
    const reached = head === undefined ? 'unreachable' : following;
    return {
      state: phase === 'clearing' ? phase : this.#state === 'open' ? reached : this.#state,
      indexedHeight: height < 0 ? null : height,
      headHeight,
      lag,
      genesisHash: genesisHash || null,
      completeFrom,
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async #step(): Promise<boolean> {
    const cursor = await this.#openCursor();
    if (cursor.document.phase === 'clearing') return this.#clear(cursor);
    const head = await this.#readHead();
    this.#setReplaced(!(await this.#holds(cursor.document, head)));
    if (this.#state !== 'open' || head === null || head.height <= cursor.document.height) return false;
    const watch = await this.#options.watch();
    const { watched } = cursor.document;
    if (watched !== undefined && watched !== watchedBy(watch)) return this.#forget(cursor);
    const next = await this.#read(cursor.document, head, watch);
    await this.#write(cursor, next);
    this.#options.onIndexed?.(next.events.length);
    return next.cursor.height < head.height;
  }

  #readCursor = (): Promise<Stored<IndexCursor> | null> => this.#options.store.cursors.get('chain');

  async #openCursor(): Promise<Stored<IndexCursor>> {
    const found = await this.#readCursor();
    if (found) return found;
    const document = this.#freshCursor();
    const version = await this.#options.store.cursors.insert(document);
    return { key: 'chain', version, document };
  }

  #freshCursor(generation = this.#options.newGeneration?.()): IndexCursor {
    return generation === undefined ? freshCursor : { ...freshCursor, generation };
  }

  /** Null where the ledger has no block yet. */
  async #readHead(): Promise<ChainHead | null> {
    try {
      return await askingLedger(this.#options.ledger.getChainHead({}));
    } catch (error) {
      if (isProblem(error, 'not_provable')) return null;
      throw error;
    }
  }

  /** Whether the ledger's chain is the one that was indexed. */
  async #holds({ height, blockHash }: IndexCursor, head: ChainHead | null): Promise<boolean> {
    if (height < 0) return true;
    if (head === null || head.height < height) return false;
    const found =
      head.height === height
        ? head.blockHash
        : await askingLedger(readBlockHash(this.#options.ledger, height));
    return found === blockHash;
  }

  #setReplaced(replaced: boolean): void {
    if (replaced && this.#state !== 'replaced')
      this.#options.log.error('the ledger holds another chain than the one that was indexed');
    this.#state = replaced ? 'replaced' : 'open';
  }

  async #read(cursor: IndexCursor, head: ChainHead, watch: Watch<E>): Promise<Advance<E>> {
    const { ledger, log, newGeneration } = this.#options;
    const generation = cursor.generation ?? newGeneration?.();
    const from = Math.max(cursor.height + 1, head.oldestBody);
    const isGap = from > Math.max(1, cursor.height + 1);
    if (isGap) log.warn({ from }, 'blocks were pruned before they were indexed');
    const range = { from, to: Math.min(from + WINDOW_BLOCKS - 1, head.height) };
    const { to, events } = await askingLedger(readEvents(ledger, watch, range));
    const next: IndexCursor = {
      ...cursor,
      ...(generation === undefined ? {} : { generation }),
      height: to,
      blockHash: to === head.height ? head.blockHash : await askingLedger(readBlockHash(ledger, to)),
      genesisHash: cursor.genesisHash || (await askingLedger(readBlockHash(ledger, 0))),
      completeFrom: isGap ? from : cursor.completeFrom,
      watched: watchedBy(watch),
    };
    return { cursor: next, events };
  }

  /** The cursor last: every beginning of these writes is sound. */
  async #write(before: Stored<IndexCursor>, next: Advance<E>): Promise<void> {
    const { store } = this.#options;
    const writes: BatchOperation[] = next.events.map((event) => upsertInto(store.events, event));
    writes.push(replaceIn(store.cursors, next.cursor, before.version));
    for (let at = 0; at < writes.length; at += WRITTEN_TOGETHER)
      await store.documents.batch(writes.slice(at, at + WRITTEN_TOGETHER));
  }

  async #clear(cursor: Stored<IndexCursor>): Promise<boolean> {
    const { store, onForgotten, beforeRemoval } = this.#options;
    this.#state = 'clearing';
    const { generation = '' } = cursor.document;
    if (this.#waitedFor !== generation) await beforeRemoval?.();
    this.#waitedFor = generation;
    const { items } = await store.events.find({ index: 'key', limit: WRITTEN_TOGETHER });
    if (items.length > 0) await store.documents.batch(items.map(({ key }) => removeFrom(store.events, key)));
    else {
      await store.cursors.replace(this.#freshCursor(cursor.document.generation), cursor.version);
      onForgotten?.();
      this.#state = 'open';
    }
    return true;
  }
}

/** Another process of this service was faster. */
export const isOvertaken = (error: unknown): boolean =>
  isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');
