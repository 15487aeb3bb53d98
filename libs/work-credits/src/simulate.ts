/**
 * A network of nodes over many epochs, by the same functions that schedule blocks: proofs are judged, counted and ranked, leaders publish
 * or miss, fall-backs take over, rewards are paid. Signatures are left out: a bench measures them apart.
 *
 * The statistics (shares, Gini) are floats: nothing of them enters a schedule.
 */
import { u64ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { judgeTaskClaim, type NodeRegistry } from './admission.ts';
import { leaderOf, type SlotSchedule } from './leader.ts';
import { DEFAULT_PARAMETERS, type WorkCreditParameters } from './parameters.ts';
import { producerOrder } from './production.ts';
import { rewardOf } from './rewards.ts';
import { tallyOf } from './score.ts';
import { chance, claimsOf, createNodes, delayOf, publishes, type SimulatedNode } from './simulation-nodes.ts';
import { report, type SimulationReport } from './simulation-report.ts';
import { type EntityId, entityOf } from './slot-bucket.ts';
import { slotStartMs, slotsPerEpoch } from './slots.ts';
import type { TaskClaim } from './task-proof.ts';
import { type Added, type SlotOutcome, WorkWindow } from './work-window.ts';

export type { SimulationReport } from './simulation-report.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly epochs: number;
  readonly parameters?: WorkCreditParameters;
  /** Called after each slot. */
  readonly onSlot?: (outcome: SlotOutcome, schedule: SlotSchedule) => void;
}

/** Quiet slots, without any session, per mille. */
const QUIET = 50;

export interface NodeTotals {
  readonly node: SimulatedNode;
  /** Credits of its stint when the simulation ended. */
  credits: number;
  led: number;
  missed: number;
  earned: bigint;
}

export interface SlotCounts {
  slots: number;
  led: number;
  recovered: number;
  lost: number;
  server: number;
  readonly added: Record<Added | 'refused', number>;
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #parameters: WorkCreditParameters;
  readonly #window: WorkWindow;
  readonly #registry: NodeRegistry;
  readonly #delayed = new Map<number, TaskClaim[]>();
  readonly totals = new Map<EntityId, NodeTotals>();
  readonly counts: SlotCounts = {
    ...{ slots: 0, led: 0, recovered: 0, lost: 0, server: 0 },
    added: { added: 0, repeated: 0, voided: 0, 'not-open': 0, refused: 0 },
  };
  minted = 0n;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#parameters = options.parameters ?? DEFAULT_PARAMETERS;
    this.#window = new WorkWindow({ parameters: this.#parameters, nextSlot: 0 });
    const nodes = createNodes(options.nodes, options.seed);
    for (const node of nodes)
      this.totals.set(entityOf(node), { node, credits: 0, led: 0, missed: 0, earned: 0n });
    const known = new Set(nodes.map(({ nodeId }) => nodeId));
    this.#registry = { isRegistered: (nodeId) => known.has(nodeId), isMember: () => false };
  }

  run(): void {
    const slots = this.#options.epochs * slotsPerEpoch(this.#parameters);
    for (let slot = 0; slot < slots; slot++) this.#slot(slot);
    for (const { nodeId, credits } of this.#window.stints())
      this.totals.get(`node:${nodeId}`)!.credits = credits;
  }

  #slot(slot: number): void {
    const quiet = chance(QUIET, this.#options.seed, slot, 6);
    const previousBlockHash = sha256(u64ToBytes(this.#options.seed), u64ToBytes(slot));
    const schedule = leaderOf(tallyOf(this.#window), previousBlockHash);
    const outcome = quiet ? { slot, winner: null, missed: [] } : this.#publish(schedule);
    this.#window.advanceTo(slot + 1);
    this.#collect(slot, quiet);
    this.#window.record(outcome);
    this.#pay(outcome, schedule);
    this.#options.onSlot?.(outcome, schedule);
  }

  #publish(schedule: SlotSchedule): SlotOutcome {
    const { slot } = schedule;
    const missed: EntityId[] = [];
    for (const { producer } of producerOrder(slot, { mode: 'leaders', schedule }, this.#parameters)) {
      if (producer === 'server') break;
      const node = this.totals.get(producer)!.node;
      if (publishes(node, slot, this.#options.seed)) return { slot, winner: producer, missed };
      missed.push(producer);
    }
    return { slot, winner: null, missed };
  }

  #collect(slot: number, quiet: boolean): void {
    const { seed } = this.#options;
    const ts = slotStartMs(slot, this.#parameters) + 60_000;
    for (const { node } of this.totals.values()) {
      const claims = claimsOf(node, { slot, ts, quiet, seed });
      const due = slot + delayOf(node, slot, seed);
      if (due > slot) this.#delayed.set(due, [...(this.#delayed.get(due) ?? []), ...claims]);
      else for (const claim of claims) this.#accept(claim, slot);
      if (node.kind === 'replaying') this.#replay(node, claims, slot);
    }
    for (const claim of this.#delayed.get(slot) ?? []) this.#accept(claim, slot);
    this.#delayed.delete(slot);
  }

  /** The same again, the slots before again, and work of days ago. */
  #replay(node: SimulatedNode, claims: readonly TaskClaim[], slot: number): void {
    const { seed } = this.#options;
    for (const claim of claims) this.#accept({ ...claim }, slot);
    for (const back of [1, 2, 3, 700]) {
      const before = slot - back;
      if (before < 0) continue;
      const ts = slotStartMs(before, this.#parameters) + 60_000;
      const quiet = chance(QUIET, seed, before, 6);
      for (const claim of claimsOf(node, { slot: before, ts, quiet, seed })) this.#accept(claim, slot);
    }
  }

  #accept(claim: TaskClaim, acceptedAtSlot: number): void {
    const admission = {
      chainId: 1337,
      acceptedAtSlot,
      registry: this.#registry,
      parameters: this.#parameters,
    };
    const verdict = judgeTaskClaim(claim, admission) === null ? this.#window.add(claim) : 'refused';
    this.counts.added[verdict]++;
  }

  #pay({ slot, winner, missed }: SlotOutcome, { leader }: SlotSchedule): void {
    const activity = this.#window.activityOf(slot)!;
    const { amount } = rewardOf({ ...activity, minted: this.minted, winner, parameters: this.#parameters });
    this.minted += amount;
    this.counts.slots++;
    for (const entityId of missed) this.totals.get(entityId)!.missed++;
    if (winner === null) {
      if (missed.length > 0) this.counts.lost++;
      else this.counts.server++;
      return;
    }
    const totals = this.totals.get(winner)!;
    totals.led++;
    totals.earned += amount;
    this.counts.led++;
    if (winner !== leader) this.counts.recovered++;
  }
}

/** Runs to the end at once; the same options give the same report. */
export function simulate(options: SimulationOptions): SimulationReport {
  const simulation = new Simulation(options);
  simulation.run();
  return report([...simulation.totals.values()], simulation.counts, simulation.minted);
}
