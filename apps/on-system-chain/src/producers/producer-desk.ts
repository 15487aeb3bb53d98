/**
 * Whether a block may be made, and whether one was: asked by the driver where several producers take turns. The first block of a slot is
 * its turn's, by the block's own timestamp; those behind it in the slot are made by the same producer.
 *
 * @NOTE This is no consensus. It keeps producers apart that have each other's blocks; two that have not seen each other's make two chains,
 * and nothing here joins them again.
 */
import { slotAt, slotStartMs } from '@lucid/work-credits';
import type { ChainBlock } from '../chain/chain-block.ts';
import type { Ledger } from '../chain/chain-view.ts';
import { mostAheadSec } from '../chain/clock-judge.ts';
import { producerOf, readHeader } from '../formats/header.ts';
import type { ProducersBook } from './producers-file.ts';
import { type AddressTurn, Rota, type SlotView } from './rota.ts';

interface ProducerDeskOptions {
  readonly book: ProducersBook;
  /** Of this node; lower-case, with 0x. */
  readonly own: string;
  readonly ledger: Ledger;
}

/** Of a block, as far as turns depend on it. */
export interface Made {
  readonly timestampSec: number;
  /** Lower-case, with 0x. */
  readonly producer: string;
}

interface Last extends Made {
  readonly height: number;
  readonly slot: number;
}

const turnAt = (turns: readonly AddressTurn[], atMs: number): AddressTurn =>
  turns.findLast(({ fromMs }) => fromMs <= atMs) ?? (turns[0] as AddressTurn);

/** A block has whole seconds. */
const wholeSecondMs = (timeMs: number): number => Math.ceil(timeMs / 1000) * 1000;

export class ProducerDesk {
  readonly book: ProducersBook;
  readonly #own: string;
  readonly #ledger: Ledger;
  readonly #rota: Rota;
  #last: Last | null = null;

  constructor({ book, own, ledger }: ProducerDeskOptions) {
    this.book = book;
    this.#own = own;
    this.#ledger = ledger;
    this.#rota = new Rota(book);
  }

  /** Reads the first block of each slot up to the head. @throws ProblemError of the ledger; Error where the file is of another chain */
  async catchUp(head: ChainBlock, chainId: number, signal: AbortSignal): Promise<void> {
    if (chainId !== this.book.chainId)
      throw new Error(
        `the file of producers is of chain ${this.book.chainId}, this one is ${chainId}: give CHAIN_PRODUCERS_FILE that of this chain`,
      );
    const until = head.height;
    for (let from = (this.#last?.height ?? 0) + 1; from <= until; ) {
      signal.throwIfAborted();
      const height = await this.#seek(from, until);
      if (height === null) break;
      this.#note(height, await this.#headerAt(height));
      from = height + 1;
    }
    const made = this.#madeOf(head.headerRlp);
    // Genesis is nobody's, and takes no slot.
    this.#last = { height: until, ...made, slot: until === 0 ? -1 : made.slot };
  }

  /** A block behind the newest; others are read by `catchUp`. */
  take({ height, headerRlp }: ChainBlock): void {
    if (height === (this.#last?.height ?? 0) + 1) this.#note(height, headerRlp);
  }

  /** How long this node may make no block behind the head that has this timestamp; 0: it may. */
  waitMs(head: ChainBlock, timestampSec: number, nowMs: number): number {
    const atMs = timestampSec * 1000;
    const slot = slotAt(atMs, this.book.parameters);
    const nextSlotMs = slotStartMs(slot + 1, this.book.parameters);
    const until = (timeMs: number) => Math.max(1, wholeSecondMs(timeMs) - nowMs);
    const { turns, holder } = this.#slotBehind(head, slot);
    if (holder !== null) return holder === this.#own ? 0 : until(nextSlotMs);
    if (turnAt(turns, atMs).address === this.#own) return 0;
    const later = turns.find(({ address, fromMs }) => address === this.#own && fromMs > atMs);
    return until(later?.fromMs ?? nextSlotMs);
  }

  /** Whose block it should be, or that it is of a time to come; null where nothing is wrong. */
  faultOf(head: ChainBlock, headerRlp: Uint8Array, nowMs: number): string | null {
    const { slot, producer, timestampSec } = this.#madeOf(headerRlp);
    // The vm refuses it.
    if (timestampSec <= head.header.timestampSec) return null;
    // Else its maker would decide how many slots without a block are counted here, and missed.
    const aheadSec = timestampSec - Math.floor(nowMs / 1000);
    if (aheadSec > mostAheadSec)
      return `Its time is ${aheadSec} seconds ahead of this node's clock; at most ${mostAheadSec} are taken.`;
    const { turns, holder } = this.#slotBehind(head, slot);
    const whose = holder ?? turnAt(turns, timestampSec * 1000).address;
    return whose === producer
      ? null
      : `At its time slot ${slot} is of ${whose}; the block is of ${producer}.`;
  }

  /** The slot of a time, or of the head where that is behind it. */
  viewAt(head: ChainBlock, nowMs: number): SlotView {
    const atMs = Math.max(nowMs, head.header.timestampSec * 1000);
    return this.#rota.at(slotAt(atMs, this.book.parameters), head.hash);
  }

  /** `holder` made the slot's first block already. */
  #slotBehind(head: ChainBlock, slot: number): { turns: readonly AddressTurn[]; holder: string | null } {
    const made = this.#madeOf(head.headerRlp);
    if (head.height > 0 && made.slot === slot) return { turns: [], holder: made.producer };
    return { turns: this.#rota.at(slot, head.hash).turns, holder: null };
  }

  #madeOf(headerRlp: Uint8Array): Made & { readonly slot: number } {
    const { timestampSec } = readHeader(headerRlp);
    const slot = slotAt(timestampSec * 1000, this.book.parameters);
    return { timestampSec, slot, producer: producerOf(headerRlp) };
  }

  #note(height: number, headerRlp: Uint8Array): void {
    const { parentHash } = readHeader(headerRlp);
    const made = this.#madeOf(headerRlp);
    if (made.slot !== this.#last?.slot && made.slot >= this.book.fromSlot)
      this.#rota.take({ slot: made.slot, producer: made.producer, parentHash });
    this.#last = { height, ...made };
  }

  /** Lowest height of a block in a slot behind the last one that was read; null where there is none. */
  async #seek(from: number, until: number): Promise<number | null> {
    const slot = Math.max(this.book.fromSlot, (this.#last?.slot ?? -1) + 1);
    const isBehind = async (height: number) => this.#madeOf(await this.#headerAt(height)).slot >= slot;
    // Most slots have few blocks: strides grow until one is far enough, then the place is bisected.
    let low = from;
    let high = from;
    for (let stride = 1; !(await isBehind(high)); stride *= 2) {
      if (high === until) return null;
      low = high + 1;
      high = Math.min(high + stride, until);
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (await isBehind(middle)) high = middle;
      else low = middle + 1;
    }
    return high;
  }

  #headerAt = (height: number): Promise<Uint8Array> => this.#ledger.getHeader({ params: { height } });
}
