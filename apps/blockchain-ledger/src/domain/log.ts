import { parseVerifierKey, type VerifierKey } from '@lucid/checkpoint';
import type { KvStore } from '@lucid/kv-store';
import { consistencyProofAsync, inclusionProofAsync, leafHash } from '@lucid/merkle';
import { type AppendLimits, AppendQueue, type Receipt } from './append-queue.ts';
import { CosignatureBook, type CosignedCheckpoint } from './cosignatures.ts';
import { MAX_ENTRY_SIZE_BYTES } from './entry-bundle.ts';
import type { Head } from './head.ts';
import { LedgerError } from './ledger-error.ts';
import type { Notary } from './notary.ts';
import { assertExtends, type HeadMark, openTree } from './recovery.ts';
import { entryKeyKey, parseKeyValue } from './store-keys.ts';
import { TILE_WIDTH, type TileCoordinates } from './tile-path.ts';
import type { TileReader } from './tile-reader.ts';

export interface LogOptions {
  /** Used by this log alone; `close` closes it. */
  readonly kv: KvStore;
  readonly notary: Notary;
  /** Verifier keys (cosignature/v1) of the witnesses whose cosignatures are taken. */
  readonly witnesses?: readonly string[];
  readonly mark?: HeadMark;
  readonly limits?: Partial<AppendLimits>;
  /** Hears how many entries became durable with one head. */
  readonly onCommit?: (entries: number) => void;
}

export interface Entry {
  readonly index: number;
  readonly data: Uint8Array;
}

export type { Receipt } from './append-queue.ts';

/** A verifiable append-only log (C2SP tlog-tiles). Every method throws or rejects with a `LedgerError`. */
export interface Log {
  /**
   * Resolves when the entry, its tiles and the signed head are on the disk. `data` must stay as it is until then. With a
   * key there is at most one entry: the same bytes again resolve to the first entry, others reject with `entry_conflict`.
   */
  append(data: Uint8Array, options?: { readonly key?: string }): Promise<Receipt>;
  /** The last durable head. */
  head(): Head;
  /** Its signed note, with the cosignatures it has. */
  checkpoint(): string;
  /** The inclusion path of a receipt in its head, lowest first. */
  inclusionOf(receipt: Pick<Receipt, 'index' | 'head'>): Promise<readonly Uint8Array[]>;
  /** The part of that path from level `fromLevel` (default 0) below `untilLevel`, if it is in memory. */
  pathInMemory(
    receipt: Pick<Receipt, 'index' | 'head'>,
    part?: { fromLevel?: number; untilLevel?: number },
  ): readonly Uint8Array[] | undefined;
  /** `size` defaults to the durable head's. `not_in_log` where the log is not that long. */
  inclusionProof(index: number, size?: number): Promise<readonly Uint8Array[]>;
  consistencyProof(first: number, second?: number): Promise<readonly Uint8Array[]>;
  /** A tile's hashes or a bundle's entries as tlog-tiles serves them. */
  readTile(tile: TileCoordinates): Promise<Uint8Array>;
  entry(index: number): Promise<Entry>;
  entryByKey(key: string): Promise<Entry>;
  /** The largest checkpoint with cosignatures. */
  cosigned(): CosignedCheckpoint | null;
  /** Takes the witnesses' signatures on a checkpoint of this log, and stops the log where the store does not hold it. */
  addCosignature(note: string): Promise<CosignedCheckpoint>;
  /** Why the log takes no entries; null while it does. */
  stopped(): LedgerError | null;
  /** Signs nothing more; for who found that what was signed is not so. */
  stop(reason: LedgerError): void;
  /** Checks every bundle and tile that is full against the head: reads the whole log. */
  audit(): Promise<void>;
  /** Lets entries under way become durable, then closes the store. */
  close(): Promise<void>;
}

const KEY = /^[\w./:-]{1,200}$/;

class TiledLog implements Log {
  readonly #options: LogOptions;
  readonly #queue: AppendQueue;
  readonly #reader: TileReader;
  readonly #book: CosignatureBook;
  /** The last append of each key that is under way. */
  readonly #keys = new Map<string, Promise<unknown>>();

  constructor(options: LogOptions, parts: { queue: AppendQueue; reader: TileReader; book: CosignatureBook }) {
    this.#options = options;
    this.#queue = parts.queue;
    this.#reader = parts.reader;
    this.#book = parts.book;
  }

  append(data: Uint8Array, { key }: { readonly key?: string } = {}): Promise<Receipt> {
    if (data.length > MAX_ENTRY_SIZE_BYTES) return Promise.reject(new LedgerError('entry_too_large'));
    if (key === undefined) return this.#queue.append(data);
    if (!KEY.test(key)) return Promise.reject(new LedgerError('entry_key_invalid'));
    return this.#appendOnce(data, key);
  }

  async #appendOnce(data: Uint8Array, key: string): Promise<Receipt> {
    // Whoever comes while the key is under way waits, and then finds what the store has.
    for (let before = this.#keys.get(key); before; before = this.#keys.get(key)) await before;
    const work = this.#firstOf(data, key);
    const settled = work.then(
      () => this.#keys.delete(key),
      () => this.#keys.delete(key),
    );
    this.#keys.set(key, settled);
    return work;
  }

  async #firstOf(data: Uint8Array, key: string): Promise<Receipt> {
    const known = await this.#lookUp(key);
    if (!known) return this.#queue.append(data, key);
    if (!known.leafHash.equals(leafHash(data))) throw new LedgerError('entry_conflict');
    return { ...known, head: this.#queue.head };
  }

  async #lookUp(key: string): Promise<{ index: number; leafHash: Buffer } | undefined> {
    const value = await this.#stored(this.#options.kv.get(entryKeyKey(key)));
    return value && parseKeyValue(value);
  }

  /** What the store cannot do now is not the caller's fault, and says nothing about the log's truth. */
  async #stored<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw cause instanceof LedgerError ? cause : new LedgerError('ledger_unavailable', { cause });
    }
  }

  head(): Head {
    return this.#queue.head;
  }

  checkpoint(): string {
    const cosigned = this.#book.latest;
    const { head } = this.#queue;
    return cosigned?.size === head.size ? cosigned.note : head.note;
  }

  pathInMemory(
    { index, head }: Pick<Receipt, 'index' | 'head'>,
    part: { fromLevel?: number; untilLevel?: number } = {},
  ): readonly Uint8Array[] | undefined {
    return head.path({ index, ...part }, this.#reader.node);
  }

  async inclusionOf(receipt: Pick<Receipt, 'index' | 'head'>): Promise<readonly Uint8Array[]> {
    return this.pathInMemory(receipt) ?? this.inclusionProof(receipt.index, receipt.head.size);
  }

  #assertInLog(size: number): void {
    if (!(Number.isSafeInteger(size) && size >= 0 && size <= this.#queue.head.size))
      throw new LedgerError('not_in_log');
  }

  async inclusionProof(index: number, size = this.#queue.head.size): Promise<readonly Uint8Array[]> {
    this.#assertInLog(size);
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new LedgerError('not_in_log');
    return this.#stored(inclusionProofAsync(this.#reader, index, size));
  }

  async consistencyProof(first: number, second = this.#queue.head.size): Promise<readonly Uint8Array[]> {
    this.#assertInLog(second);
    if (!(Number.isSafeInteger(first) && first >= 0 && first <= second)) throw new LedgerError('not_in_log');
    return this.#stored(consistencyProofAsync(this.#reader, first, second));
  }

  async readTile(tile: TileCoordinates): Promise<Uint8Array> {
    const level = tile.level === 'entries' ? 0 : tile.level;
    const hashes = Math.floor(this.#queue.head.size / TILE_WIDTH ** level);
    if (tile.number * TILE_WIDTH + tile.width > hashes) throw new LedgerError('not_in_log');
    if (tile.level === 'entries') return this.#stored(this.#reader.entries(tile.number, tile.width));
    return (await this.#stored(this.#reader.tile(level, tile.number))).hashes(tile.width);
  }

  async entry(index: number): Promise<Entry> {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < this.#queue.head.size))
      throw new LedgerError('not_in_log');
    return { index, data: await this.#stored(this.#reader.entry(index)) };
  }

  async entryByKey(key: string): Promise<Entry> {
    if (!KEY.test(key)) throw new LedgerError('entry_key_invalid');
    const known = await this.#lookUp(key);
    if (!known || known.index >= this.#queue.head.size) throw new LedgerError('not_in_log');
    const entry = await this.entry(known.index);
    if (!known.leafHash.equals(leafHash(entry.data)))
      throw new LedgerError('ledger_damaged', {
        detail: `the key stands for another entry than ${known.index}`,
      });
    return entry;
  }

  cosigned(): CosignedCheckpoint | null {
    return this.#book.latest;
  }

  async addCosignature(note: string): Promise<CosignedCheckpoint> {
    const judged = this.#book.judge(note);
    try {
      const { notary } = this.#options;
      await this.#stored(assertExtends({ reader: this.#reader, notary, size: this.#queue.head.size }, note));
    } catch (error) {
      // The log signed that checkpoint and the store does not hold it: nothing may be signed on top.
      if (error instanceof LedgerError && error.code === 'ledger_rolled_back') this.#queue.stop(error);
      throw error;
    }
    return this.#stored(this.#book.add(judged));
  }

  stopped(): LedgerError | null {
    return this.#queue.stopped ?? null;
  }

  stop(reason: LedgerError): void {
    this.#queue.stop(reason);
  }

  async audit(): Promise<void> {
    await this.#stored(this.#reader.check(0, Math.floor(this.#queue.head.size / TILE_WIDTH)));
  }

  async close(): Promise<void> {
    await this.#queue.drain();
    this.#queue.stop(new LedgerError('ledger_unavailable', { detail: 'the log is closed' }));
    await this.#options.kv.close();
    await this.#options.mark?.close();
  }
}

/** Opens the log that the store holds; see recovery.ts for what makes it refuse. The store is the caller's until then. */
export async function createLog(options: LogOptions): Promise<Log> {
  const { kv, notary, mark, limits, onCommit } = options;
  const witnesses: VerifierKey[] = (options.witnesses ?? []).map(parseVerifierKey);
  const opened = await openTree({ kv, notary, ...(mark && { mark }) });
  const queue = new AppendQueue(opened, {
    kv,
    notary,
    ...(mark && { mark }),
    ...(limits && { limits }),
    ...(onCommit && { onCommit }),
  });
  const book = await CosignatureBook.open({ kv, notary, witnesses });
  return new TiledLog(options, { queue, reader: opened.reader, book });
}
