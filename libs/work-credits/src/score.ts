/**
 * Live scores. `live = credits × uptime score`, where the uptime score is min(seconds of beacons / seconds of the window, 1). Kept exact
 * as credit-seconds (credits × seconds), the common denominator being the seconds of the window.
 *
 * A pool's live score is the sum of its members', each by its own uptime: two nodes that are up half of the time are no node that is
 * always up. Its uptime score is then the mean of its members', weighted by their credits, so one rule of eligibility fits both.
 *
 * Missed slots: with m of them in the window the score is multiplied by 4 / (4 + m), rounded down.
 */
import { RULES, type WorkCreditParameters } from './parameters.ts';
import type { EntityId } from './slot-bucket.ts';
import { windowSeconds } from './slots.ts';
import type { WorkWindow } from './work-window.ts';

export interface EntityScore {
  readonly entityId: EntityId;
  readonly credits: bigint;
  /** credits × seconds of uptime, before missed slots are looked at. */
  readonly creditSeconds: bigint;
  readonly missedSlots: number;
  /** `creditSeconds` lowered by missed slots; divided by `windowSeconds` it is the live score. */
  readonly liveScore: bigint;
  readonly eligible: boolean;
}

export interface Tally {
  /** The slot that these scores schedule. */
  readonly nextSlot: number;
  readonly parameters: WorkCreditParameters;
  /** Every entity with a proof in the window, by id. */
  readonly scores: readonly EntityScore[];
  readonly winnersInCooldown: ReadonlySet<EntityId>;
}

function lowered(creditSeconds: bigint, missedSlots: number): bigint {
  const half = BigInt(RULES.missesThatHalve);
  return (creditSeconds * half) / (half + BigInt(missedSlots));
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** @returns scores of the window as it is now, by entity id. */
export function scoresOf(window: WorkWindow): EntityScore[] {
  const seconds = windowSeconds(window.parameters);
  const sums = new Map<EntityId, { credits: bigint; creditSeconds: bigint }>();
  for (const { entityId, credits, uptimeSec } of window.stints()) {
    const sum = sums.get(entityId) ?? { credits: 0n, creditSeconds: 0n };
    sum.credits += BigInt(credits);
    sum.creditSeconds += BigInt(credits) * BigInt(Math.min(uptimeSec, seconds));
    sums.set(entityId, sum);
  }
  const least = BigInt(seconds * RULES.minUptimePercent);
  return [...sums]
    .map(([entityId, { credits, creditSeconds }]) => {
      const missedSlots = window.missesOf(entityId);
      const eligible = credits > 0n && creditSeconds * 100n >= credits * least;
      const liveScore = lowered(creditSeconds, missedSlots);
      return { entityId, credits, creditSeconds, missedSlots, liveScore, eligible };
    })
    .sort((one, other) => compareText(one.entityId, other.entityId));
}

export const tallyOf = (window: WorkWindow): Tally => ({
  nextSlot: window.nextSlot,
  parameters: window.parameters,
  scores: scoresOf(window),
  winnersInCooldown: window.winnersInCooldown(),
});
