/**
 * The single proposer. It drives the deterministic state machine in the vm as a consensus engine would (ABCI): a block as soon as
 * there is work, at most one a second, and an empty one in a slot without work.
 *
 * Order of a block: vm.finalizeBlock (in memory) → ledger.putBlock (durable; now it is acknowledged) → vm.commitBlock. A crash between two
 * steps is mended by `recover`: nothing is acknowledged that the ledger lacks, and what it has is executed again.
 */
import { decodeExecutedBlock, type ExecutedBlock, encodeKeptBlock } from '@lucid/chain-wire';
import { type Clock, isProblem, KeyedQueue, type Log, Wakeup, type Worker } from '@lucid/service-kit';
import { Feed } from '../feed.ts';
import { splitList } from '../formats/rlp-slices.ts';
import type { Vm } from '../mempool/check-batcher.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { TransactionDesk } from '../mempool/transaction-desk.ts';
import { problem } from '../problem.ts';
import type { ProducerDesk } from '../producers/producer-desk.ts';
import { ChainBlock } from './chain-block.ts';
import type { ChainView, Ledger } from './chain-view.ts';
import type { ClockJudge, Fault } from './clock-judge.ts';
import { nextBaseFee } from './fees.ts';
import type { Proposer } from './proposer.ts';
import { type ChainRules, ChainsDiffer, type Replayed, recover } from './recovery.ts';
import { nextSlotMs } from './slots.ts';

const firstBackoffMs = 100;
/** As often as vm and ledger open a store anew that failed. */
const lastBackoffMs = 2_000;
/** Longer than any slot, and what a timer takes. */
const foreverMs = 2 ** 31 - 1;

export interface DriverOptions {
  readonly vm: Vm;
  readonly ledger: Ledger;
  readonly view: ChainView;
  readonly pool: Mempool;
  readonly desk: TransactionDesk;
  readonly clock: Clock;
  readonly judge: ClockJudge;
  readonly log: Log;
  /** Null: blocks are imported, none is made here. */
  readonly proposer: Proposer | null;
  /** Null: one producer makes every block. */
  readonly producers: ProducerDesk | null;
  readonly slotSec: number;
}

export interface Progress {
  readonly starting: number;
  readonly current: number;
  readonly highest: number;
}

export class Driver implements Worker {
  readonly name = 'driver';
  /** Blocks that were added to the chain. */
  readonly blocks = new Feed<ChainBlock>();
  readonly #options: DriverOptions;
  readonly #turns = new KeyedQueue();
  readonly #wakeup: Wakeup;
  #recovered = false;
  #fault: Fault | null = { code: 'starting', text: 'it has not begun' };
  #clockFault: Fault | null = null;
  #progress: Progress | null = null;
  #rules: ChainRules | null = null;
  #isResting = false;
  /** Where several producers take turns: it is another one's. */
  #isOthersTurn = false;
  #rested: (() => void)[] = [];

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#wakeup = new Wakeup(options.clock);
    options.desk.arrivals.listen(() => {
      if (this.#isResting) this.#wakeup.notify();
    });
  }

  /** Why the chain does not go on; null when it does. */
  get fault(): Fault | null {
    return this.#fault ?? this.#clockFault;
  }

  /** Null until the vm was heard. */
  get rules(): ChainRules | null {
    return this.#rules;
  }

  get chainId(): number | null {
    return this.#rules?.chainId ?? null;
  }

  /** While the vm executes again what the ledger has. */
  get progress(): Progress | null {
    return this.#progress;
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#turn(() => this.#recoverOnce(signal));
        const waitMs = await this.#turn(() => this.#step());
        failures = 0;
        if (waitMs > 0) await this.#rest(waitMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(error);
        const backoffMs = Math.min(firstBackoffMs * 2 ** failures++, lastBackoffMs);
        await this.#options.clock.sleep(backoffMs, signal).catch(() => {});
      }
    }
  }

  /** Nothing waits that a block could take now. */
  async idle(): Promise<void> {
    if (this.#isIdle || this.fault !== null) return;
    await new Promise<void>((resolve) => this.#rested.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#isResting && !this.#hasWork();
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run('block', work);
  }

  async #rest(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isIdle) for (const resolve of this.#rested.splice(0)) resolve();
    await this.#wakeup.wait(waitMs, signal);
    this.#isResting = false;
  }

  #tell(error: unknown): void {
    this.#recovered = false;
    const fault = faultOf(error);
    if (fault.text !== this.#fault?.text)
      this.#options.log.warn({ err: error }, `the chain waits: ${fault.text}`);
    this.#fault = fault;
    for (const resolve of this.#rested.splice(0)) resolve();
  }

  async #recoverOnce(signal: AbortSignal): Promise<void> {
    if (this.#recovered) return;
    const { vm, ledger, view, desk, log, producers } = this.#options;
    const from = view.head?.height;
    const onReplayed = ({ block, first, last }: Replayed) => {
      this.#progress = block.height < last ? { starting: first, current: block.height, highest: last } : null;
      if (from !== undefined) this.#publish(block);
    };
    const { head, rules } = await recover({ vm, ledger, onReplayed, signal });
    this.#rules = rules;
    await producers?.catchUp(head, rules.chainId, signal);
    if (head.height !== view.head?.height) this.#publish(head);
    const { restored, refused } = await desk.open();
    if (restored + refused > 0) log.info({ restored, refused }, 'transactions of before were taken back');
    if (this.#fault !== null) log.info({ height: head.height }, 'the chain goes on');
    this.#recovered = true;
    this.#fault = null;
  }

  #publish(block: ChainBlock): void {
    const { view, desk, producers } = this.#options;
    producers?.take(block);
    view.publish(block);
    desk.included(block);
    this.blocks.tell(block);
  }

  #hasWork(): boolean {
    const { pool, view, proposer } = this.#options;
    if (proposer === null || !view.head || this.#isOthersTurn) return false;
    return pool.hasWork(nextBaseFee(view.head.header) ?? 0n);
  }

  /** Makes a block where one is due; gives how long nothing is. */
  async #step(): Promise<number> {
    const { pool, view, clock, judge, proposer, producers, slotSec } = this.#options;
    const head = view.head;
    this.#isResting = proposer === null;
    if (proposer === null || !head) return foreverMs;
    const judgement = judge.judge(head.header.timestampSec);
    this.#tellClock('wrong' in judgement ? judgement.wrong : null);
    if ('wrong' in judgement) return judgement.waitMs;
    const nowMs = clock.nowMs();
    pool.expire(nowMs);
    const turnMs = producers?.waitMs(head, judgement.timestampSec, nowMs) ?? 0;
    this.#isOthersTurn = turnMs > 0;
    if (this.#isOthersTurn) {
      this.#isResting = true;
      return turnMs;
    }
    const untilSlotMs = nextSlotMs(head.header.timestampSec, slotSec) - nowMs;
    // From here on work that comes ends the rest, also before it has begun.
    this.#isResting = !this.#hasWork();
    if (this.#isResting && untilSlotMs > 0) return Math.min(untilSlotMs, foreverMs);
    if (judgement.waitMs > 0) return judgement.waitMs;
    this.#isResting = false;
    await this.#makeBlock(head, proposer, judgement.timestampSec);
    judge.produced();
    return 0;
  }

  #tellClock(fault: Fault | null): void {
    if (fault !== null && this.#clockFault === null) this.#options.log.warn(`the chain waits: ${fault.text}`);
    this.#clockFault = fault;
  }

  async #makeBlock(head: ChainBlock, proposer: Proposer, timestampSec: number): Promise<void> {
    const proposed = await proposer.propose(head, timestampSec);
    await this.#keep(proposed.executed, proposed.hashes);
    proposer.settle(proposed);
  }

  async #keep(executed: ExecutedBlock, hashes?: readonly string[]): Promise<ChainBlock> {
    const { vm, ledger } = this.#options;
    const block = new ChainBlock(executed, hashes);
    const params = { height: block.height };
    await ledger.putBlock({ params, body: encodeKeptBlock(executed) });
    await vm.commitBlock({ params, body: { blockHash: block.hash } });
    this.#publish(block);
    return block;
  }

  /** Adds a block that was made elsewhere. @throws ProblemError */
  importBlock(height: number, rlp: Uint8Array): Promise<ChainBlock> {
    return this.#turn(async () => {
      const { vm, view, proposer, producers } = this.#options;
      const head = view.head;
      if (!head || !this.#recovered) throw problem('chain_unavailable');
      if (height <= head.height) return this.#assertSame(height, rlp);
      if (proposer !== null && producers === null)
        throw problem('chain_produces', { detail: 'Set CHAIN_PRODUCE=off to import blocks.' });
      if (height !== head.height + 1)
        throw problem('block_out_of_order', { detail: `The next block is ${head.height + 1}.` });
      this.#assertTurn(head, rlp);
      try {
        return await this.#keep(decodeExecutedBlock(await vm.importBlock({ params: { height }, body: rlp })));
      } catch (error) {
        if (!isProblem(error, 'block_invalid', 'block_out_of_order')) this.#interrupt(error);
        throw error;
      }
    });
  }

  /** @throws ProblemError block_invalid */
  #assertTurn(head: ChainBlock, rlp: Uint8Array): void {
    const { producers, clock } = this.#options;
    if (producers === null) return;
    let detail: string | null;
    try {
      const [header = rlp] = splitList(rlp);
      detail = producers.faultOf(head, header, clock.nowMs());
    } catch (cause) {
      throw problem('block_invalid', { detail: 'It is not the RLP of a block.', cause });
    }
    if (detail !== null) throw problem('block_invalid', { detail });
  }

  async #assertSame(height: number, rlp: Uint8Array): Promise<ChainBlock> {
    const known = await this.#options.view.block(height);
    if (known && Buffer.compare(known.blockRlp, rlp) === 0) return known;
    throw problem('block_out_of_order', { detail: `This chain has another block ${height}.` });
  }

  /** Makes the worker look anew. */
  #interrupt(error: unknown): void {
    this.#tell(error);
    this.#wakeup.notify();
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof ChainsDiffer) return { code: 'chains_differ', text: error.message };
  if (!isProblem(error))
    return { code: 'failed', text: error instanceof Error ? error.message : 'it failed' };
  const code = `${error.remote ?? 'on-system-chain'}:${error.code}`;
  return { code, text: code };
}
