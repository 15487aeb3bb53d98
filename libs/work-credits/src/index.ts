export {
  type Admission,
  type AdmissionFault,
  judgeTaskClaim,
  judgeTaskProof,
  type NodeRegistry,
} from './admission.ts';
export { creditsOf, relayWork } from './credits.ts';
export { leaderOf, rank, type SlotSchedule, tieBreak } from './leader.ts';
export {
  assertParameters,
  DEFAULT_PARAMETERS,
  PARAMETER_BOUNDS,
  type ParameterFault,
  type ParameterName,
  parameterFault,
  parametersFromRegistry,
  RULES,
  type WorkCreditParameters,
} from './parameters.ts';
export {
  type Producer,
  type ProductionMode,
  producerOrder,
  type Turn,
  type VotingPower,
  votingPower,
} from './production.ts';
export {
  HALVING_AMOUNT,
  LUCID_CAP,
  type Reward,
  type RewardInput,
  rewardOf,
  slotMaximum,
} from './rewards.ts';
export { type EntityScore, scoresOf, type Tally, tallyOf } from './score.ts';
export { type EntityId, entityOf } from './slot-bucket.ts';
export {
  epochOf,
  SLOT_ZERO_MS,
  slotAt,
  slotStartMs,
  slotsPerEpoch,
  windowSeconds,
  windowSlots,
} from './slots.ts';
export { type TallyInput, tally } from './tally.ts';
export {
  claimFault,
  isNodeId,
  isPoolId,
  isSigned,
  PROOF_MAX_BYTES,
  type ProofFormFault,
  type ReadProof,
  readTaskProof,
  signedBytes,
  signTaskProof,
  TASK_TYPES,
  type TaskClaim,
  type TaskProof,
  type TaskType,
  type TaskValues,
  taskProofBytes,
} from './task-proof.ts';
export {
  type Added,
  type SlotActivity,
  type SlotOutcome,
  WorkWindow,
  type WorkWindowOptions,
} from './work-window.ts';
