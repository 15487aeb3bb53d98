/**
 * Machines for executions that are only tried. They count dear steps: beyond the limit the execution ends.
 */
import type { ChainConfig } from './chain-config.ts';
import { ChainState } from './chain-state.ts';
import { ChainError } from './error.ts';
import { type BlockHashes, createMachine, type Machine } from './machine.ts';
import type { NodeStore } from './node-store.ts';
import { emptyRootKey } from './trie.ts';
import { hookTurns } from './turn-hook.ts';

export interface CallMachine extends Machine {
  /** Steps that are left to the execution, a jump being one. */
  stepsLeft: number;
  /** How many it had at its beginning. */
  stepsAllowed: number;
}

export function allowSteps(machine: CallMachine, steps: number): void {
  machine.stepsLeft = steps;
  machine.stepsAllowed = steps;
}

function limitSteps(machine: CallMachine, yieldTurn: () => Promise<void>): void {
  hookTurns(machine.evm, yieldTurn, (cost) => {
    machine.stepsLeft -= cost;
    if (machine.stepsLeft < 0)
      throw new ChainError('execution_limit', `more than ${machine.stepsAllowed} steps`);
  });
}

export interface CallMachinesOptions {
  readonly config: ChainConfig;
  readonly store: NodeStore;
  readonly hashAt: BlockHashes;
  readonly stepLimit: number;
  readonly yieldTurn: () => Promise<void>;
}

/** How many idle machines of a fork are kept. */
const idleLimit = 4;

export class CallMachines {
  readonly #options: CallMachinesOptions;
  readonly #idle = new Map<string, CallMachine[]>();

  constructor(options: CallMachinesOptions) {
    this.#options = options;
  }

  async #take(fork: string): Promise<CallMachine> {
    const idle = this.#idle.get(fork)?.pop();
    if (idle !== undefined) return idle;
    const { store, hashAt, config, yieldTurn } = this.#options;
    const machine = await createMachine(config.rulesOf(fork), new ChainState(store, emptyRootKey), hashAt);
    const counted: CallMachine = Object.assign(machine, { stepsLeft: 0, stepsAllowed: 0 });
    limitSteps(counted, yieldTurn);
    return counted;
  }

  /** Gives the work a machine of the fork on the state of that root. What the work changes is forgotten. */
  async use<T>(fork: string, rootKey: string, work: (machine: CallMachine) => Promise<T>): Promise<T> {
    const machine = await this.#take(fork);
    allowSteps(machine, this.#options.stepLimit);
    await machine.state.startAt(rootKey);
    const result = await work(machine);
    // A machine whose work failed in the middle is not used again.
    machine.evm.journal.cleanJournal();
    machine.evm.transientStorage.clear();
    const idle = this.#idle.get(fork) ?? [];
    if (idle.length < idleLimit) idle.push(machine);
    this.#idle.set(fork, idle);
    return result;
  }
}
