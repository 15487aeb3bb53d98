/**
 * Ranking and the leaders of a slot.
 *
 * @NOTE Ties are broken by SHA-256 over the previous block's hash and the entity's id. This stands in for a VRF: everyone can compute it
 * ahead as soon as the block is known, and the producer of that block can try several blocks to favour a tie. With equal scores only.
 */
import { assertBytes, bytesToHex, concatBytes, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { RULES } from './parameters.ts';
import type { EntityScore, Tally } from './score.ts';
import type { EntityId } from './slot-bucket.ts';

const TIE_LABEL = utf8ToBytes('lucid-leader-tie/1\n');

/** Orders equals: 64 hex digits, the lowest first. `previousBlockHash` has 32 bytes. */
export function tieBreak(previousBlockHash: Uint8Array, entityId: EntityId): string {
  assertBytes(previousBlockHash, 'previousBlockHash', 32);
  return bytesToHex(sha256(concatBytes(TIE_LABEL, previousBlockHash, utf8ToBytes(entityId))));
}

/** Eligible entities, best first. Every order of `scores` gives the same. */
export function rank(scores: readonly EntityScore[], previousBlockHash: Uint8Array): EntityScore[] {
  const ties = new Map<EntityId, string>();
  const tieOf = (entityId: EntityId): string => {
    const known = ties.get(entityId) ?? tieBreak(previousBlockHash, entityId);
    ties.set(entityId, known);
    return known;
  };
  return scores
    .filter(({ eligible }) => eligible)
    .sort((one, other) => {
      if (one.liveScore !== other.liveScore) return one.liveScore > other.liveScore ? -1 : 1;
      return tieOf(one.entityId) < tieOf(other.entityId) ? -1 : 1;
    });
}

export interface SlotSchedule {
  readonly slot: number;
  /** Null where nobody is eligible and rested: the server publishes. */
  readonly leader: EntityId | null;
  /** At most five, next in rank and rested as well. */
  readonly fallbacks: readonly EntityId[];
}

/** Who may publish `tally.nextSlot`, in order: the best ranked that won none of the last `cooldownSlots` slots. */
export function leaderOf(tally: Tally, previousBlockHash: Uint8Array): SlotSchedule {
  const rested = tally.scores.filter(({ entityId }) => !tally.winnersInCooldown.has(entityId));
  const [leader = null, ...rest] = rank(rested, previousBlockHash).map(({ entityId }) => entityId);
  return { slot: tally.nextSlot, leader, fallbacks: rest.slice(0, RULES.fallbacks) };
}
