/** `eth_simulateV1`: blocks that are executed one behind the other on a block's state, on machines of their own, and forgotten. */
import type { ChainConfig } from './chain-config.ts';
import { ChainState } from './chain-state.ts';
import type { BlockHashes } from './machine.ts';
import { createMachine, type Machine } from './machine.ts';
import { createPendingWrites, type NodeStore } from './node-store.ts';
import { type PlannedBlock, planSimulation } from './plan-simulation.ts';
import { type BlockSimulation, simulateBlock } from './simulate-block.ts';
import { SimulationBudget } from './simulation-limits.ts';
import { SimulationLogs } from './simulation-logs.ts';
import { SimulationRefusal } from './simulation-refusal.ts';
import type { SimulatedBlock, SimulationRequest, SimulationResult } from './simulation-types.ts';
import { hookTurns } from './turn-hook.ts';
import type { StateView } from './view.ts';

export interface SimulationContext {
  readonly config: ChainConfig;
  readonly store: NodeStore;
  /** Of the chain; those of simulated blocks are known here. */
  readonly hashAt: BlockHashes;
  readonly gasCap: bigint;
  readonly stepLimit: number;
  readonly yieldTurn: () => Promise<void>;
}

interface ForkMachine {
  readonly machine: Machine;
  readonly precompiles: Machine['evm']['precompiles'];
}

class Simulation {
  readonly #context: SimulationContext;
  readonly #request: SimulationRequest;
  readonly #view: StateView;
  readonly #budget: SimulationBudget;
  readonly #logs: SimulationLogs;
  /** What the blocks change stays in memory. */
  readonly #state: ChainState;
  readonly #machines = new Map<string, ForkMachine>();
  readonly #hashes = new Map<number, Uint8Array>();

  constructor(context: SimulationContext, request: SimulationRequest, view: StateView) {
    this.#context = context;
    this.#request = request;
    this.#view = view;
    this.#budget = new SimulationBudget({ gas: context.gasCap, steps: context.stepLimit });
    this.#logs = new SimulationLogs(request.traceTransfers ?? false);
    this.#state = new ChainState(context.store, view.rootKey, createPendingWrites());
  }

  async run(): Promise<SimulatedBlock[]> {
    const { header: base } = this.#view.block;
    const blocks: SimulatedBlock[] = [];
    let parent = base;
    for (const planned of planSimulation(base, this.#request.blocks)) {
      const { header, block } = await simulateBlock(await this.#blockSimulation(planned), planned, parent);
      this.#hashes.set(Number(header.number), header.hash());
      blocks.push(block);
      parent = header;
    }
    return blocks;
  }

  async #blockSimulation(planned: PlannedBlock): Promise<BlockSimulation> {
    const { config, yieldTurn } = this.#context;
    return {
      ...(await this.#machineOf(planned)),
      logs: this.#logs,
      budget: this.#budget,
      chainId: BigInt(config.chainId),
      depositContract: config.depositContract,
      validation: this.#request.validation ?? false,
      yieldTurn,
    };
  }

  async #machineOf({ number, timestampSec }: PlannedBlock): Promise<ForkMachine> {
    const rules = this.#rulesAt(number, timestampSec);
    const known = this.#machines.get(rules.hardfork());
    if (known !== undefined) return known;
    const { hashAt, yieldTurn } = this.#context;
    const machine = await createMachine(
      rules,
      this.#state,
      async (height) => this.#hashes.get(height) ?? (await hashAt(height)),
    );
    hookTurns(machine.evm, yieldTurn, (cost) => this.#budget.takeSteps(cost));
    this.#logs.attach(machine.evm);
    const made = { machine, precompiles: new Map(machine.evm.precompiles) };
    this.#machines.set(rules.hardfork(), made);
    return made;
  }

  /** A chain may have forks by height and, behind them, by time. */
  #rulesAt(number: bigint, timestampSec: bigint): Machine['rules'] {
    try {
      return this.#context.config.rulesAt(number, timestampSec);
    } catch {
      throw new SimulationRefusal(
        'invalidParams',
        `no fork of the chain fits to number ${number} and time ${timestampSec}`,
      );
    }
  }
}

/** Rejects with `execution_limit` where it takes longer than allowed. */
export async function simulate(
  context: SimulationContext,
  request: SimulationRequest,
  view: StateView,
): Promise<SimulationResult> {
  try {
    return { ok: true, blocks: await new Simulation(context, request, view).run() };
  } catch (error) {
    if (!(error instanceof SimulationRefusal)) throw error;
    return { ok: false, failure: { code: error.code, message: error.message } };
  }
}
