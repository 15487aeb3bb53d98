/** Where transactions come in: judged by the vm, taken by the mempool, written to the journal, and only then acknowledged. */
import type { ChainBlock } from '../chain/chain-block.ts';
import type { ChainView } from '../chain/chain-view.ts';
import { Feed } from '../feed.ts';
import { hashOf } from '../formats/keccak.ts';
import { codes, RpcError } from '../rpc/rpc-error.ts';
import type { JournalEntry, TransactionJournal } from '../store/transaction-journal.ts';
import type { CheckBatcher, CheckedTransaction } from './check-batcher.ts';
import { type Account, type Mempool, refusals } from './mempool.ts';
import type { PoolTransaction } from './pool-transaction.ts';

/** Of a signed transaction, as the vm has it. */
const maxTransactionBytes = 100_000;

/** Fewer and smaller than what may wait for the vm: none of before is sent away because too many come at once. */
const restoredAtOnce = 1_000;
const restoredBytesAtOnce = 8 * 1024 * 1024;

function* portionsOf(entries: readonly JournalEntry[]): Iterable<JournalEntry[]> {
  let portion: JournalEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    portion.push(entry);
    bytes += entry.bytes.length;
    if (portion.length < restoredAtOnce && bytes < restoredBytesAtOnce) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  yield portion;
}

type Sound = Extract<CheckedTransaction, { ok: true }>;

export interface TransactionDeskOptions {
  readonly pool: Mempool;
  readonly batcher: CheckBatcher;
  readonly journal: TransactionJournal;
  readonly view: ChainView;
  readonly nowMs: () => number;
  /** False: the chain is made elsewhere, and what is sent here would reach no block. */
  readonly takes: boolean;
}

export class TransactionDesk {
  /** Transactions that became part of the mempool. */
  readonly arrivals = new Feed<PoolTransaction>();
  readonly #options: TransactionDeskOptions;
  #isOpen = false;

  constructor(options: TransactionDeskOptions) {
    this.#options = options;
  }

  /**
   * Takes a signed transaction; resolves to its hash when it will not be lost.
   *
   * @throws RpcError with the words of geth; ProblemError of the vm
   */
  async submit(bytes: Uint8Array): Promise<string> {
    const { pool, nowMs, journal, takes } = this.#options;
    if (!takes) throw new RpcError(codes.server, 'this node follows another one: send transactions there');
    if (!this.#isOpen) throw new RpcError(codes.unavailable, 'the chain is starting; try again');
    if (bytes.length > maxTransactionBytes)
      throw new RpcError(
        codes.server,
        `oversized data: transaction size ${bytes.length}, limit ${maxTransactionBytes}`,
      );
    if (pool.get(hashOf(bytes))) throw new RpcError(codes.server, refusals.known);
    const arrivedAtMs = nowMs();
    const transaction = await this.#admit(bytes, arrivedAtMs);
    try {
      await journal.append({ bytes, arrivedAtMs });
    } catch (cause) {
      pool.remove(transaction.hash);
      throw new RpcError(codes.server, 'the node cannot write its journal; the transaction was not taken', {
        cause,
      });
    }
    return transaction.hash;
  }

  async #admit(bytes: Uint8Array, arrivedAtMs: number): Promise<PoolTransaction> {
    const checked = await this.#check(bytes);
    if (!checked.ok) throw new RpcError(checked.code, checked.message);
    const transaction = poolTransactionOf(checked, bytes, arrivedAtMs);
    const admission = this.#options.pool.add(transaction, accountOf(checked));
    if (!admission.ok) throw new RpcError(codes.server, admission.message);
    this.arrivals.tell(transaction);
    return transaction;
  }

  /** By the state of the newest block: asked again where one came meanwhile. */
  async #check(bytes: Uint8Array): Promise<CheckedTransaction> {
    const { view, batcher } = this.#options;
    for (let tries = 1; ; tries++) {
      const height = view.head?.height;
      const checked = await batcher.check(bytes);
      if (!checked.ok || height === view.head?.height || tries === 3) return checked;
    }
  }

  /** Takes back what was acknowledged before this process, and takes in new ones from now on. Repeating goes on. */
  async open(): Promise<{ restored: number; refused: number }> {
    const { journal, pool, nowMs } = this.#options;
    if (this.#isOpen) return { restored: 0, refused: 0 };
    const entries = await journal.read();
    let refused = 0;
    for (const portion of portionsOf(entries)) refused += await this.#restore(portion);
    pool.expire(nowMs());
    await journal.rewrite();
    this.#isOpen = true;
    return { restored: pool.pending + pool.queued, refused };
  }

  /** How many are refused now: those are in a block, or of no use any more. The journal may hold one twice. */
  async #restore(entries: readonly JournalEntry[]): Promise<number> {
    let refused = 0;
    const admissions = entries.map(({ bytes, arrivedAtMs }) => this.#admit(bytes, arrivedAtMs));
    for (const outcome of await Promise.allSettled(admissions)) {
      if (outcome.status === 'fulfilled') continue;
      if (!(outcome.reason instanceof RpcError)) throw outcome.reason;
      if (outcome.reason.message !== refusals.known) refused += 1;
    }
    return refused;
  }

  /** A block was added to the chain: what it holds waits no more. */
  included(block: ChainBlock): void {
    const { pool } = this.#options;
    for (let index = 0; index < block.transactions.length; index++)
      pool.included(block.senderOf(index), block.nonceOf(index));
  }
}

const accountOf = ({ accountNonce, balance }: Sound): Account => ({
  nonce: Number(accountNonce),
  balance: BigInt(balance),
});

const poolTransactionOf = (checked: Sound, bytes: Uint8Array, arrivedAtMs: number): PoolTransaction => ({
  hash: checked.hash,
  bytes,
  sender: checked.sender,
  nonce: Number(checked.nonce),
  gasLimit: BigInt(checked.gasLimit),
  maxFeePerGas: BigInt(checked.maxFeePerGas),
  maxPriorityFeePerGas: BigInt(checked.maxPriorityFeePerGas),
  cost: BigInt(checked.cost),
  arrivedAtMs,
});
