/**
 * The mempool: signed transactions that wait for a block. A pure data structure: equal calls in equal order give equal contents
 * and equal blocks. Signatures, balances and nonces were judged by the vm before (ABCI CheckTx); here are the rules between
 * transactions, as geth has them and in its words.
 *
 * - A sender's transactions are executable up to the first gap in their nonces; what lies behind the gap is queued.
 * - One of the same sender and nonce takes another's place where fee and tip are both greater by 10 %.
 * - Full, it gives up the cheapest, the newest of equal ones first, for one that pays more; a queued one never pushes out an
 *   executable one.
 */
import { Heap } from './heap.ts';
import type { PooledTransaction, PoolTransaction } from './pool-transaction.ts';
import { type BlockSpace, hasCandidate, selectForBlock } from './selection.ts';
import { SenderQueue } from './sender-queue.ts';

export interface MempoolLimits {
  readonly maxTransactions: number;
  /** Sum of their encodings. */
  readonly maxBytes: number;
  readonly maxPerSender: number;
  /** Of one sender behind a gap, and of all. */
  readonly maxQueuedPerSender: number;
  readonly maxQueued: number;
  readonly lifetimeMs: number;
}

const replacementPercent = 110n;

/** Words of geth. */
export const refusals = {
  known: 'already known',
  nonceTooLow: 'nonce too low',
  replacement: 'replacement transaction underpriced',
  underpriced: 'transaction underpriced',
  senderFull: 'account limit exceeded',
  queueFull: 'txpool is full',
  futureReplaces: 'future transaction tries to replace pending',
} as const;

export interface Account {
  readonly nonce: number;
  /** Wei. */
  readonly balance: bigint;
}

export type Admission =
  | { readonly ok: true; readonly executable: boolean; readonly gone: readonly PooledTransaction[] }
  | { readonly ok: false; readonly message: string };

const isCheaper = (a: PooledTransaction, b: PooledTransaction): boolean =>
  a.maxFeePerGas === b.maxFeePerGas ? a.arrival > b.arrival : a.maxFeePerGas < b.maxFeePerGas;

export class Mempool {
  readonly #limits: MempoolLimits;
  /** In the order of arrival. */
  readonly #byHash = new Map<string, PooledTransaction>();
  readonly #senders = new Map<string, SenderQueue>();
  /** May hold transactions that are gone. */
  #byPrice = new Heap<PooledTransaction>(isCheaper);
  #bytes = 0;
  #arrivals = 0;
  #executable = 0;

  constructor(limits: MempoolLimits) {
    this.#limits = limits;
  }

  get pending(): number {
    return this.#executable;
  }

  get queued(): number {
    return this.#byHash.size - this.#executable;
  }

  /** Of all that waits. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  get(hash: string): PooledTransaction | undefined {
    return this.#byHash.get(hash);
  }

  /** Nonce of the sender's next transaction without a gap; undefined where nothing of it waits. */
  nextNonce(sender: string): number | undefined {
    return this.#senders.get(sender)?.nextNonce;
  }

  /** @param account the sender's, as the vm has it. */
  add(transaction: PoolTransaction, account: Account): Admission {
    if (this.#byHash.has(transaction.hash)) return { ok: false, message: refusals.known };
    const sender = this.#senders.get(transaction.sender) ?? new SenderQueue(account.nonce);
    this.#advance(sender, account.nonce);
    const refusal = this.#refusalOf(transaction, sender, account);
    if (refusal !== null) {
      this.#forgetEmpty(transaction.sender, sender);
      return { ok: false, message: refusal };
    }
    const old = sender.at(transaction.nonce);
    const executable = transaction.nonce <= sender.nextNonce;
    const gone: PooledTransaction[] = [];
    const victims = this.#victimsFor(transaction, old, executable);
    if (typeof victims === 'string') {
      this.#forgetEmpty(transaction.sender, sender);
      return { ok: false, message: victims };
    }
    for (const victim of victims) this.remove(victim.hash);
    if (old) this.#forget(old);
    gone.push(...victims, ...(old ? [old] : []));
    this.#put({ ...transaction, arrival: this.#arrivals++ }, sender);
    return { ok: true, executable: sender.isExecutable(transaction.nonce), gone };
  }

  #refusalOf(transaction: PoolTransaction, sender: SenderQueue, account: Account): string | null {
    const { nonce } = transaction;
    if (nonce < sender.accountNonce)
      return `${refusals.nonceTooLow}: next nonce ${sender.accountNonce}, tx nonce ${nonce}`;
    const old = sender.at(nonce);
    if (old && !pays(transaction, old)) return refusals.replacement;
    const shortOf = sender.cost - (old?.cost ?? 0n) + transaction.cost - account.balance;
    if (shortOf > 0n)
      return `insufficient funds for gas * price + value: balance ${account.balance}, queued cost ${sender.cost}, tx cost ${transaction.cost}, overshot ${shortOf}`;
    if (old) return null;
    const { maxPerSender, maxQueued, maxQueuedPerSender } = this.#limits;
    if (sender.size >= maxPerSender) return refusals.senderFull;
    if (nonce <= sender.nextNonce) return null;
    if (sender.size - sender.executable >= maxQueuedPerSender) return refusals.senderFull;
    return this.queued >= maxQueued ? refusals.queueFull : null;
  }

  /** What must go so that there is room; why nothing does where that is not enough. */
  #victimsFor(
    transaction: PoolTransaction,
    old: PooledTransaction | undefined,
    executable: boolean,
  ): PooledTransaction[] | string {
    const { maxTransactions, maxBytes } = this.#limits;
    const victims: PooledTransaction[] = [];
    let count = this.#byHash.size + 1 - (old ? 1 : 0);
    let bytes = this.#bytes + transaction.bytes.length - (old?.bytes.length ?? 0);
    let refusal: string | null = null;
    while (refusal === null && (count > maxTransactions || bytes > maxBytes)) {
      const victim = this.#popCheapest();
      if (victim) victims.push(victim);
      // What it replaces goes anyway, and was counted above.
      if (victim && victim === old) continue;
      refusal = this.#mayPushOut(victim, transaction, executable);
      count -= 1;
      bytes -= victim?.bytes.length ?? 0;
    }
    for (const each of victims) this.#byPrice.push(each);
    return refusal ?? victims.filter((each) => each !== old);
  }

  #mayPushOut(
    victim: PooledTransaction | undefined,
    transaction: PoolTransaction,
    executable: boolean,
  ): string | null {
    if (!victim || victim.maxFeePerGas >= transaction.maxFeePerGas) return refusals.underpriced;
    const isPending = this.#senders.get(victim.sender)?.isExecutable(victim.nonce) ?? false;
    return isPending && !executable ? refusals.futureReplaces : null;
  }

  #popCheapest(): PooledTransaction | undefined {
    for (let top = this.#byPrice.pop(); top; top = this.#byPrice.pop())
      if (this.#byHash.get(top.hash) === top) return top;
    return undefined;
  }

  #put(transaction: PooledTransaction, sender: SenderQueue): void {
    this.#senders.set(transaction.sender, sender);
    this.#counting(sender, () => sender.put(transaction));
    this.#byHash.set(transaction.hash, transaction);
    this.#bytes += transaction.bytes.length;
    this.#byPrice.push(transaction);
    if (this.#byPrice.size > 2 * this.#limits.maxTransactions) this.#rebuildPrices();
  }

  #rebuildPrices(): void {
    this.#byPrice = new Heap<PooledTransaction>(isCheaper);
    for (const transaction of this.#byHash.values()) this.#byPrice.push(transaction);
  }

  /** Keeps the count of executable ones right. */
  #counting<T>(sender: SenderQueue, work: () => T): T {
    const before = sender.executable;
    const result = work();
    this.#executable += sender.executable - before;
    return result;
  }

  #advance(sender: SenderQueue, nonce: number): void {
    // A queue that is new here is counted when something is put in.
    for (const each of this.#counting(sender, () => sender.advance(nonce))) this.#forget(each);
  }

  /** What of the same sender lies behind it waits for another in its place. */
  remove(hash: string): PooledTransaction | undefined {
    const gone = this.#byHash.get(hash);
    const sender = gone && this.#senders.get(gone.sender);
    if (!gone || !sender) return undefined;
    this.#forget(gone);
    this.#counting(sender, () => sender.remove(gone.nonce));
    this.#forgetEmpty(gone.sender, sender);
    return gone;
  }

  /** A block has a transaction of this sender and nonce. */
  included(address: string, nonce: number): void {
    const sender = this.#senders.get(address);
    if (!sender) return;
    this.#advance(sender, nonce + 1);
    this.#forgetEmpty(address, sender);
  }

  #forget({ hash, bytes }: PooledTransaction): void {
    if (this.#byHash.delete(hash)) this.#bytes -= bytes.length;
  }

  #forgetEmpty(address: string, sender: SenderQueue): void {
    if (sender.size === 0) this.#senders.delete(address);
  }

  /** Removes what waits for longer than its lifetime. */
  expire(nowMs: number): PooledTransaction[] {
    const gone: PooledTransaction[] = [];
    for (const transaction of this.#byHash.values()) {
      if (nowMs - transaction.arrivedAtMs < this.#limits.lifetimeMs) break;
      gone.push(transaction);
    }
    for (const { hash } of gone) this.remove(hash);
    return gone;
  }

  /** What a block takes. Nothing is removed. */
  select(space: BlockSpace): PooledTransaction[] {
    return selectForBlock(this.#senders.values(), space);
  }

  /** Whether a block of this base fee would take one. */
  hasWork(baseFee: bigint): boolean {
    return hasCandidate(this.#senders.values(), baseFee);
  }

  /** Of each sender what is executable and what is queued, by nonce. */
  *bySender(): Iterable<{ sender: string; pending: PooledTransaction[]; queued: PooledTransaction[] }> {
    for (const sender of this.#senders.keys()) yield { sender, ...this.contentOf(sender) };
  }

  contentOf(address: string): { pending: PooledTransaction[]; queued: PooledTransaction[] } {
    const sender = this.#senders.get(address);
    const all = sender?.sorted() ?? [];
    return {
      pending: all.filter(({ nonce }) => sender?.isExecutable(nonce)),
      queued: all.filter(({ nonce }) => !sender?.isExecutable(nonce)),
    };
  }

  /** In the order of arrival. */
  all(): Iterable<PooledTransaction> {
    return this.#byHash.values();
  }
}

const atLeast = (fee: bigint, old: bigint): boolean => fee > old && fee * 100n >= old * replacementPercent;

const pays = (transaction: PoolTransaction, old: PoolTransaction): boolean =>
  atLeast(transaction.maxFeePerGas, old.maxFeePerGas) &&
  atLeast(transaction.maxPriorityFeePerGas, old.maxPriorityFeePerGas);
