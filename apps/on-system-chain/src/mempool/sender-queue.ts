/** What waits of one sender, by nonce. Executable is what follows its account's nonce without a gap. */
import type { PooledTransaction } from './pool-transaction.ts';

export class SenderQueue {
  readonly #byNonce = new Map<number, PooledTransaction>();
  #accountNonce: number;
  /** First nonce that is missing: executable ones lie below. */
  #nextNonce: number;
  #cost = 0n;

  constructor(accountNonce: number) {
    this.#accountNonce = accountNonce;
    this.#nextNonce = accountNonce;
  }

  get size(): number {
    return this.#byNonce.size;
  }

  get accountNonce(): number {
    return this.#accountNonce;
  }

  get nextNonce(): number {
    return this.#nextNonce;
  }

  get executable(): number {
    return this.#nextNonce - this.#accountNonce;
  }

  /** Wei that all of it can take from the sender. */
  get cost(): bigint {
    return this.#cost;
  }

  at(nonce: number): PooledTransaction | undefined {
    return this.#byNonce.get(nonce);
  }

  isExecutable(nonce: number): boolean {
    return nonce < this.#nextNonce;
  }

  /** Puts it in, in place of one of the same nonce. */
  put(transaction: PooledTransaction): void {
    const { nonce } = transaction;
    this.#cost += transaction.cost - (this.#byNonce.get(nonce)?.cost ?? 0n);
    this.#byNonce.set(nonce, transaction);
    this.#extend();
  }

  remove(nonce: number): void {
    const gone = this.#byNonce.get(nonce);
    if (!gone) return;
    this.#byNonce.delete(nonce);
    this.#cost -= gone.cost;
    if (nonce < this.#nextNonce) this.#nextNonce = Math.max(nonce, this.#accountNonce);
  }

  /** The account's nonce as the chain has it now; gives what that made useless. */
  advance(accountNonce: number): PooledTransaction[] {
    if (accountNonce <= this.#accountNonce) return [];
    const gone = [...this.#byNonce.values()].filter(({ nonce }) => nonce < accountNonce);
    this.#accountNonce = accountNonce;
    for (const { nonce } of gone) this.remove(nonce);
    this.#nextNonce = Math.max(this.#nextNonce, accountNonce);
    this.#extend();
    return gone;
  }

  /** In the order of their nonces. */
  sorted(): PooledTransaction[] {
    return [...this.#byNonce.values()].sort((a, b) => a.nonce - b.nonce);
  }

  #extend(): void {
    while (this.#byNonce.has(this.#nextNonce)) this.#nextNonce += 1;
  }
}
