/**
 * From scores to blocks.
 *
 * Now: one producer makes every block; its order is that producer alone, whatever the scores say. With several operators that know each
 * other: `leaders` gives each slot its leader and those behind it. Under a consensus protocol (validator updates): `votingPower`.
 */

import type { SlotSchedule } from './leader.ts';
import { RULES, type WorkCreditParameters } from './parameters.ts';
import type { EntityScore } from './score.ts';
import type { EntityId } from './slot-bucket.ts';
import { slotStartMs } from './slots.ts';

export type Producer = EntityId | 'server';

export type ProductionMode =
  | { readonly mode: 'single'; readonly producer: Producer }
  | {
      readonly mode: 'leaders';
      readonly schedule: SlotSchedule;
      readonly isReachable?: (entityId: EntityId) => boolean;
    };

export interface Turn {
  readonly producer: Producer;
  /** Unix milliseconds from which it may publish; it misses its turn where the next one's begins first. */
  readonly fromMs: number;
}

function producersOf(production: ProductionMode): readonly Producer[] {
  if (production.mode === 'single') return [production.producer];
  const { schedule, isReachable = () => true } = production;
  const listed = schedule.leader === null ? [] : [schedule.leader, ...schedule.fallbacks];
  return [...listed.filter(isReachable).slice(0, RULES.maxAttempts), 'server'];
}

/**
 * Who may produce a slot's block, in order, and from when. At most three entities of the six listed try (`isReachable` passes over those
 * that are not connected, without a miss); behind them the server, so that no slot stays empty for want of a producer.
 */
export function producerOrder(
  slot: number,
  production: ProductionMode,
  parameters: WorkCreditParameters,
): Turn[] {
  const start = slotStartMs(slot, parameters);
  return producersOf(production).map((producer, turn) => ({
    producer,
    fromMs: start + turn * parameters.slotTimeoutMs,
  }));
}

/** The power of the best score before the bound; sums of thousands stay far below CometBFT's limit of 2^60. */
const FULL_POWER = 1_000_000n;

export interface VotingPower {
  readonly entityId: EntityId;
  /** An integer from 1. */
  readonly power: number;
}

/** The bound for the k first of descending powers: with it each has less than a third of all. */
function boundOf(powers: readonly number[], capped: number): number {
  const rest = powers.slice(capped).reduce((sum, power) => sum + power, 0);
  return capped === 1 ? Math.floor((rest - 1) / 2) : rest - 1;
}

/** Lowers the best one or two; a third entity cannot have a third of what is left. */
function bounded(powers: readonly number[]): number[] {
  if (powers.length < 4) return powers.map(() => 1);
  const [first = 0, second = 0] = powers;
  const one = Math.min(first, boundOf(powers, 1));
  if (second <= one) return [one, ...powers.slice(1)];
  const two = boundOf(powers, 2);
  return [Math.min(first, two), Math.min(second, two), ...powers.slice(2)];
}

/**
 * Voting powers of the eligible entities, in proportion to their live scores, each at least 1. From four entities on each has less than a
 * third of all power, so no single one can stop the chain; three or fewer are equals, because no bound can hold there.
 *
 * @NOTE Bounds are per entity. Who runs several identities gets around them: admission (stake, pool membership) has to stand against that.
 */
export function votingPower(scores: readonly EntityScore[]): VotingPower[] {
  const eligible = scores
    .filter((score) => score.eligible)
    .sort((one, other) => {
      if (one.liveScore !== other.liveScore) return one.liveScore > other.liveScore ? -1 : 1;
      return one.entityId < other.entityId ? -1 : 1;
    });
  const best = eligible[0]?.liveScore ?? 0n;
  const powers = eligible.map(({ liveScore }) => {
    const power = best > 0n ? Number((liveScore * FULL_POWER) / best) : 1;
    return Math.max(1, power);
  });
  const result = bounded(powers);
  return eligible.map(({ entityId }, at) => ({ entityId, power: result[at]! }));
}
