/** What a simulation may take of this machine, over all of its blocks: gas, steps, and bytes of the answer. */
import { ChainError } from './error.ts';
import { SimulationRefusal } from './simulation-refusal.ts';

export const mostSimulatedBlocks = 256;
export const mostCallsPerBlock = 5_000;
export const mostCalls = 10_000;
/** Of block bodies, handed back data and logs. As JSON they take twice as much, and names besides. */
const mostAnswerBytes = 8 * 1024 * 1024;

/** What they take besides the steps of their code: a transaction without code, a block without transactions. */
export const stepsOfCall = 100;
export const stepsOfBlock = 500;
/** An overridden account or slot: it is hashed into its trie. */
export const stepsOfOverride = 20;

export class SimulationBudget {
  readonly #stepLimit: number;
  #steps = 0;
  #gasLeft: bigint;
  #answerBytes = 0;

  constructor(options: { gas: bigint; steps: number }) {
    this.#gasLeft = options.gas;
    this.#stepLimit = options.steps;
  }

  get gasLeft(): bigint {
    return this.#gasLeft;
  }

  takeGas(amount: bigint): void {
    this.#gasLeft -= amount;
  }

  /** Throws `execution_limit`. */
  takeSteps(count: number): void {
    this.#steps += count;
    if (this.#steps > this.#stepLimit)
      throw new ChainError('execution_limit', `more than ${this.#stepLimit} steps`);
  }

  takeAnswer(bytes: number): void {
    this.#answerBytes += bytes;
    if (this.#answerBytes > mostAnswerBytes)
      throw new SimulationRefusal('clientLimit', `the results are larger than ${mostAnswerBytes} bytes`);
  }
}
