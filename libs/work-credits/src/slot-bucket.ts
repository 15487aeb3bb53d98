/**
 * What the nodes did in one slot. While proofs of the slot may still come, each is kept, so that a repetition is seen; then only sums
 * are, 18 bytes a node and slot.
 */
import type { TaskClaim, TaskType } from './task-proof.ts';

/** A node working for one entity: the sums of its proofs in the window. */
export interface Stint {
  readonly nodeId: string;
  readonly entityId: EntityId;
  /** Safe integers. */
  credits: number;
  uptimeSec: number;
  /** Words of open slots and shares of closed ones: at zero the stint is forgotten. */
  references: number;
}

/** Who leads and is paid: `node:NODE-ID` or `pool:POOL-ID`. */
export type EntityId = `node:${string}` | `pool:${string}`;

export const entityOf = ({ nodeId, poolId }: Pick<TaskClaim, 'nodeId' | 'poolId'>): EntityId =>
  poolId === undefined ? `node:${nodeId}` : `pool:${poolId}`;

/** A node's word on a slot and type; `voided` where it gave two that differ. */
export interface Word {
  readonly claim: TaskClaim;
  voided: boolean;
}

/** Words by node, then type. */
export type OpenSlot = Map<string, Map<TaskType, Word>>;

export interface Share {
  readonly stint: Stint;
  credits: number;
  uptimeSec: number;
}

export interface ClosedSlot {
  readonly stints: readonly Stint[];
  readonly credits: Float64Array;
  readonly uptimeSec: Uint16Array;
}

/** The same claim but for its time, which earns nothing: a node that lost its memory may say it again. */
export function isSameWord(one: TaskClaim, other: TaskClaim): boolean {
  const [left, right] = [one.value, other.value] as readonly Readonly<Record<string, number>>[];
  return one.poolId === other.poolId && Object.keys(left!).every((name) => left![name] === right![name]);
}

export function closeSlot(shares: readonly Share[]): ClosedSlot {
  return {
    stints: shares.map(({ stint }) => stint),
    credits: Float64Array.from(shares, ({ credits }) => credits),
    uptimeSec: Uint16Array.from(shares, ({ uptimeSec }) => uptimeSec),
  };
}
