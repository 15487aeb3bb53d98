/**
 * Group commit. An entry is hashed into the tree the moment it arrives; whoever arrives while a batch is on its way to the
 * disk is in the next one, so the hashing of batch k + 1 runs during the fsync of batch k. One batch holds entries, tiles,
 * keys and the signed head, all or nothing; nobody is answered before it is on the disk.
 *
 * A batch that fails leaves the memory ahead of the store, and nobody knows what the store has: the queue stops for good
 * and everybody who waits is told. Only opening the store anew says what is in it.
 */
import type { KvOperation, KvStore } from '@lucid/kv-store';
import type { GrowingTree, TreeChange } from './growing-tree.ts';
import { Head } from './head.ts';
import { LedgerError } from './ledger-error.ts';
import type { Notary } from './notary.ts';
import type { HeadMark, OpenedTree } from './recovery.ts';
import { bundleKey, entryKeyKey, formatKeyValue, headKey, tailSegmentKey, tileKey } from './store-keys.ts';
import { TILE_WIDTH } from './tile-path.ts';
import type { TileReader } from './tile-reader.ts';

export interface AppendLimits {
  /** Entries that may wait to become durable. */
  readonly pendingEntries: number;
  readonly pendingBytes: number;
}

export const defaultAppendLimits: AppendLimits = { pendingEntries: 65_536, pendingBytes: 64 * 1024 * 1024 };

/** Where an entry is, and the head it became durable with (or, for one known by its key, the head of now). */
export interface Receipt {
  readonly index: number;
  /** A view into the log's memory: read only. */
  readonly leafHash: Uint8Array;
  readonly head: Head;
}

/** So many entries start a commit at once where none is under way; fewer wait for the end of the event loop's turn. */
const EAGER_COMMIT_ENTRIES = 512;

interface Waiting {
  readonly index: number;
  readonly leafHash: Uint8Array;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
}

interface Batch {
  readonly head: Head;
  readonly operations: KvOperation[];
  readonly change: TreeChange;
  readonly waiting: readonly Waiting[];
}

export class AppendQueue {
  readonly #kv: KvStore;
  readonly #notary: Notary;
  readonly #mark: HeadMark | undefined;
  readonly #limits: AppendLimits;
  readonly #onCommit: ((entries: number) => void) | undefined;
  readonly #tree: GrowingTree;
  readonly #reader: TileReader;
  #head: Head;
  #tailPositions: number[];
  #waiting: Waiting[] = [];
  #keyOperations: KvOperation[] = [];
  #pendingBytes = 0;
  #pendingEntries = 0;
  #scheduled = false;
  #committing: Promise<void> | undefined;
  #stopped: LedgerError | undefined;

  constructor(
    opened: OpenedTree,
    options: {
      kv: KvStore;
      notary: Notary;
      mark?: HeadMark;
      limits?: Partial<AppendLimits>;
      onCommit?: (entries: number) => void;
    },
  ) {
    this.#kv = options.kv;
    this.#notary = options.notary;
    this.#mark = options.mark;
    this.#limits = { ...defaultAppendLimits, ...options.limits };
    this.#onCommit = options.onCommit;
    this.#tree = opened.tree;
    this.#reader = opened.reader;
    this.#head = opened.head;
    this.#tailPositions = [...opened.tailPositions];
  }

  /** The last durable head. */
  get head(): Head {
    return this.#head;
  }

  /** Why the queue takes nothing any more; undefined while it does. */
  get stopped(): LedgerError | undefined {
    return this.#stopped;
  }

  /** Takes a checked entry; `key`, if any, is known to be free. The promise settles when the entry is durable. */
  append(data: Uint8Array, key?: string): Promise<Receipt> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    if (
      this.#pendingEntries >= this.#limits.pendingEntries ||
      this.#pendingBytes >= this.#limits.pendingBytes
    )
      return Promise.reject(new LedgerError('ledger_busy'));
    const index = this.#tree.size;
    const leafHash = this.#tree.append(data).node(0, index % TILE_WIDTH);
    if (key !== undefined)
      this.#keyOperations.push({
        type: 'put',
        key: entryKeyKey(key),
        value: formatKeyValue(index, leafHash),
      });
    this.#pendingEntries++;
    this.#pendingBytes += data.length;
    const receipt = new Promise<Receipt>((resolve, reject) => {
      this.#waiting.push({ index, leafHash, resolve, reject });
    });
    if (this.#committing === undefined) this.#scheduleCommit();
    return receipt;
  }

  #scheduleCommit(): void {
    if (this.#waiting.length >= EAGER_COMMIT_ENTRIES) this.#startCommit();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        if (this.#committing === undefined) this.#startCommit();
      });
    }
  }

  #startCommit(): void {
    if (this.#waiting.length === 0 || this.#stopped) return;
    const batch = this.#cut();
    this.#committing = this.#kv.batch(batch.operations, { sync: true }).then(
      () => this.#committed(batch),
      (cause: unknown) => this.stop(new LedgerError('ledger_unavailable', { cause }), batch.waiting),
    );
  }

  /** Signs the tree as it is and gathers what the store must get with it. */
  #cut(): Batch {
    const change = this.#tree.takeChange();
    const head = Head.sign(this.#tree.size, this.#tree.edges(), this.#notary);
    const operations = this.#keyOperations;
    for (const tile of change.filledTiles)
      operations.push({ type: 'put', key: tileKey(tile.level, tile.number), value: tile.hashes() });
    for (const { number, bundle } of change.filledBundles) {
      operations.push({ type: 'put', key: bundleKey(number), value: bundle.segment(0, TILE_WIDTH) });
      for (const position of this.#tailPositions.splice(0))
        operations.push({ type: 'del', key: tailSegmentKey(number, position) });
    }
    for (const tile of change.partialTiles)
      operations.push({ type: 'put', key: tileKey(tile.level, tile.number), value: tile.hashes() });
    this.#cutTail(operations);
    operations.push({ type: 'put', key: headKey, value: Buffer.from(head.note) });
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#keyOperations = [];
    this.#pendingBytes = 0;
    return { head, operations, change, waiting };
  }

  /** The entries of the unfilled bundle that no earlier segment holds. */
  #cutTail(operations: KvOperation[]): void {
    const { bundle, bundleNumber } = this.#tree;
    if (bundle.count === TILE_WIDTH) return;
    const from = Math.max(bundle.count - this.#waiting.length, 0);
    this.#tailPositions.push(from);
    const key = tailSegmentKey(bundleNumber, from);
    operations.push({ type: 'put', key, value: bundle.segment(from, bundle.count) });
  }

  #committed(batch: Batch): void {
    this.#reader.settle(batch.change);
    this.#committing = undefined;
    this.#pendingEntries -= batch.waiting.length;
    try {
      this.#mark?.write(batch.head.note);
    } catch (cause) {
      this.stop(
        new LedgerError('ledger_unavailable', { detail: 'the mark of its head', cause }),
        batch.waiting,
      );
      return;
    }
    this.#head = batch.head;
    this.#onCommit?.(batch.waiting.length);
    // The next batch goes to the disk before anybody hears of this one and comes with more work.
    this.#startCommit();
    for (const { index, leafHash, resolve } of batch.waiting) resolve({ index, leafHash, head: batch.head });
  }

  /** Takes nothing any more and tells everybody who waits. */
  stop(error: LedgerError, alsoWaiting: readonly Waiting[] = []): void {
    this.#stopped ??= error;
    this.#committing = undefined;
    const waiting = [...alsoWaiting, ...this.#waiting.splice(0)];
    for (const { reject } of waiting) reject(this.#stopped);
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (!this.#stopped && (this.#waiting.length > 0 || this.#committing)) {
      if (this.#committing) await this.#committing;
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
