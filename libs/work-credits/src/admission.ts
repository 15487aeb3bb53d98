/** Which well-formed proofs count: the answer depends on the proof and on the block that carries it, never on other proofs. */
import { RULES, type WorkCreditParameters } from './parameters.ts';
import { slotAt } from './slots.ts';
import { isSigned, type TaskClaim, type TaskProof } from './task-proof.ts';

/** Why a proof does not count. Closed set. */
export type AdmissionFault =
  /** Its slot is still to come. */
  | 'too-early'
  /** Accepted too many slots after its own. */
  | 'too-late'
  /** Its time is not in its slot or the slots of grace behind it, or after the slot that carries it. */
  | 'time-outside-slot'
  /** More seconds than a slot has. */
  | 'uptime-beyond-slot'
  | 'not-registered'
  /** The pool does not list the node. */
  | 'not-a-member'
  | 'wrong-signature';

export interface NodeRegistry {
  isRegistered(nodeId: string): boolean;
  isMember(poolId: string, nodeId: string): boolean;
}

export interface Admission {
  readonly chainId: number;
  /** The slot of the block that carries the proof. */
  readonly acceptedAtSlot: number;
  readonly registry: NodeRegistry;
  readonly parameters: WorkCreditParameters;
}

/** All but the signature. */
export function judgeTaskClaim(claim: TaskClaim, admission: Admission): AdmissionFault | null {
  const { acceptedAtSlot, registry, parameters } = admission;
  if (claim.slot > acceptedAtSlot) return 'too-early';
  if (acceptedAtSlot - claim.slot > RULES.maxDelaySlots) return 'too-late';
  const signedAtSlot = slotAt(claim.ts, parameters);
  if (signedAtSlot < claim.slot || signedAtSlot > acceptedAtSlot) return 'time-outside-slot';
  if (claim.type === 'uptime_beacon' && claim.value.uptimeSeconds > parameters.slotDurationSec) {
    return 'uptime-beyond-slot';
  }
  if (!registry.isRegistered(claim.nodeId)) return 'not-registered';
  const member = claim.poolId === undefined || registry.isMember(claim.poolId, claim.nodeId);
  return member ? null : 'not-a-member';
}

/** Null where the proof counts. The signature, which costs most, is looked at last. */
export const judgeTaskProof = (proof: TaskProof, admission: Admission): AdmissionFault | null =>
  judgeTaskClaim(proof, admission) ?? (isSigned(proof, admission.chainId) ? null : 'wrong-signature');
