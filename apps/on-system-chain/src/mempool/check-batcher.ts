/** Transactions that arrive together go to the vm together: one call judges them all. */
import { encodeTransactions } from '@lucid/chain-wire';
import type { blockchainVmContract, OutputOf } from '@lucid/contracts';
import type { Client } from '@lucid/service-kit';
import { codes, RpcError } from '../rpc/rpc-error.ts';

export type Vm = Client<typeof blockchainVmContract>;
export type CheckedTransaction = OutputOf<
  (typeof blockchainVmContract)['operations']['checkTransactions']
>['results'][number];

const mostInBatch = 256;
const mostBytesInBatch = 4 * 1024 * 1024;
const mostWaiting = 20_000;
const mostBytesWaiting = 32 * 1024 * 1024;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly done: (result: CheckedTransaction) => void;
  readonly failed: (error: unknown) => void;
}

export class CheckBatcher {
  readonly #vm: Vm;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running = false;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  /** @throws RpcError where too many wait; ProblemError of the vm */
  check(bytes: Uint8Array): Promise<CheckedTransaction> {
    if (this.#waiting.length >= mostWaiting || this.#waitingBytes + bytes.length > mostBytesWaiting)
      throw new RpcError(codes.limit, 'too many transactions arrive at once');
    this.#waitingBytes += bytes.length;
    return new Promise((done, failed) => {
      this.#waiting.push({ bytes, done, failed });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    // What else arrives in this turn goes along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#judge(this.#take());
    this.#running = false;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const each of this.#waiting) {
      if (count >= mostInBatch || (count > 0 && bytes + each.bytes.length > mostBytesInBatch)) break;
      bytes += each.bytes.length;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #judge(batch: readonly Waiting[]): Promise<void> {
    try {
      const body = encodeTransactions(batch.map(({ bytes }) => bytes));
      const { results } = await this.#vm.checkTransactions({ body });
      if (results.length !== batch.length) throw new Error('the vm judged another number of transactions');
      for (const [index, { done }] of batch.entries()) done(results[index] as CheckedTransaction);
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }
}
