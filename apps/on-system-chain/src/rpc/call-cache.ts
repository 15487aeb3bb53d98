/**
 * Results of calls at the newest block, which who watches a contract asks for again and again. The same call on the same state gives the same result, so
 * what is kept is forgotten only when the next block comes. Calls that are under way are shared, too.
 */
import type { blockchainVmContract, CallRequest, OutputOf } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Vm } from '../mempool/check-batcher.ts';

type Result = OutputOf<(typeof blockchainVmContract)['operations']['call']>;

const mostKept = 1_000;
/** Larger questions and answers are not kept. */
const mostText = 4_096;

const sizeOf = (result: Result): number => (result.ok ? result.data : (result.failure.data ?? '')).length;

export class CallCache {
  readonly #vm: Vm;
  /** Hash of the newest block. */
  #block = '';
  #results = new Map<string, Promise<Result>>();

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  /** @param newest hash of the newest block, at which `body` is asked. @throws ProblemError of the vm */
  call(body: Static<typeof CallRequest>, newest: string): Promise<Result> {
    const key = JSON.stringify(body);
    if (key.length > mostText) return this.#vm.call({ body });
    if (newest !== this.#block) {
      this.#block = newest;
      this.#results = new Map();
    }
    const results = this.#results;
    const known = results.get(key);
    if (known) return known;
    const asked = this.#vm.call({ body });
    results.set(key, asked);
    const forget = () => results.delete(key);
    asked.then((result) => sizeOf(result) > mostText && forget(), forget);
    if (results.size > mostKept) {
      const [oldest] = results.keys();
      if (oldest !== undefined) results.delete(oldest);
    }
    return asked;
  }
}
