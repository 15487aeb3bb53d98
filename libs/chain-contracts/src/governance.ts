/** What contracts say by number, in the order of their enums. */

/** Of LucidGovernor: kinds of proposals. */
export const proposalKinds = [
  'parameter_change',
  'contract_upgrade',
  'emergency_shutdown',
  'key_rotation',
  'node_provisioning',
  'policy_update',
  'fee_adjustment',
  'consensus_change',
] as const;
export type ProposalKind = (typeof proposalKinds)[number];

/** Kinds that need a supermajority of the eligible nodes. */
export const supermajorityKinds: readonly ProposalKind[] = ['contract_upgrade', 'consensus_change'];

/** Of LucidGovernor: how long a passed proposal waits. */
export const proposalLevels = ['normal', 'urgent', 'emergency', 'immediate'] as const;
export type ProposalLevel = (typeof proposalLevels)[number];

/** Of LucidGovernor: what `stage` answers. */
export const proposalStages = [
  'pending',
  'active',
  'succeeded',
  'queued',
  'ready',
  'executed',
  'canceled',
  'expired',
  'defeated',
] as const;
export type ProposalStage = (typeof proposalStages)[number];

/** Of LucidGovernor: `support` of `castVote`. */
export const voteTypes = ['against', 'for', 'abstain'] as const;
export type VoteType = (typeof voteTypes)[number];

/** Of ParamRegistry: what it takes to change a parameter. */
export const parameterClasses = ['ordinary', 'consensus', 'governance'] as const;
export type ParameterClass = (typeof parameterClasses)[number];

/** Of LucidChunkStore: what became of a chunk. */
export const chunkStatuses = ['stored', 'replicated', 'missing', 'deleted'] as const;
export type ChunkStatus = (typeof chunkStatuses)[number];
