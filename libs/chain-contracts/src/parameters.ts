/**
 * The parameters that a network of Lucid begins with: what the constructor of ParamRegistry is given. Values and bounds are whole
 * numbers in the unit that the name says; bounds never change.
 */
import { type ParameterClass, type ProposalKind, parameterClasses, proposalKinds } from './governance.ts';

/** A `Definition` of ParamRegistry, as its ABI has it. */
export interface ParameterDefinition {
  readonly name: string;
  readonly description: string;
  readonly value: bigint;
  readonly min: bigint;
  readonly max: bigint;
  /** Index in `parameterClasses`. */
  readonly class: number;
  readonly fixedValue: boolean;
}

type Row = readonly [name: string, value: number, min: number, max: number, description: string];

const define =
  (kind: ParameterClass, fixedValue = false) =>
  ([name, value, min, max, description]: Row): ParameterDefinition => ({
    name,
    description,
    value: BigInt(value),
    min: BigInt(min),
    max: BigInt(max),
    class: parameterClasses.indexOf(kind),
    fixedValue,
  });

const HOUR = 3_600;
const DAY = 24 * HOUR;
const DELAY_BOUNDS = [HOUR, 30 * DAY] as const;

const fixed: readonly Row[] = [['SLOT_DURATION_SEC', 120, 60, 300, 'Length of a slot; fixed.']];

const consensus: readonly Row[] = [
  ['SLOT_TIMEOUT_MS', 5_000, 1_000, 10_000, 'How long the leader of a slot has to publish its block.'],
  ['COOLDOWN_SLOTS', 16, 8, 32, 'Slots for which a leader is not chosen again.'],
  ['LEADER_WINDOW_DAYS', 7, 1, 30, 'Days whose work credits count for leadership.'],
  ['D_MIN_PERCENT', 20, 10, 50, 'Least density of work at which more than the base reward is paid.'],
  ['BASE_MB_PER_SESSION', 5, 1, 20, 'Megabytes relayed that count as one session.'],
  ['PAYOUT_EPOCH_SLOTS', 720, 30, 5_040, 'Slots of a payout epoch.'],
];

const ordinary: readonly Row[] = [
  ['MAX_PAYOUT_AMOUNT_USDT', 1_000, 1, 10_000, 'Largest single payout.'],
  ['DAILY_PAYOUT_LIMIT_USDT', 10_000, 1_000, 100_000, 'Largest sum of payouts in a day.'],
  ['MIN_KYC_LEVEL', 2, 1, 5, 'Least level of identification for payouts that need one.'],
  ['MAX_SESSION_DURATION_SEC', HOUR, 300, DAY, 'Longest session.'],
  ['MAX_CHUNK_SIZE_BYTES', 1_048_576, 65_536, 16_777_216, 'Largest chunk of a session.'],
  ['MAX_PEERS', 50, 10, 200, 'Peers of a node.'],
  ['HEARTBEAT_INTERVAL_SEC', 30, 10, 120, 'Time between heartbeats of a node.'],
  ['POLICY_TIMEOUT_MS', 5_000, 100, 60_000, 'How long a decision by a policy may take.'],
];

const governance: readonly Row[] = [
  ['GOV_DISCUSSION_SEC', 72 * HOUR, HOUR, 30 * DAY, 'From a proposal to its voting.'],
  ['GOV_VOTING_SEC', 72 * HOUR, HOUR, 30 * DAY, 'Length of the voting.'],
  ['GOV_QUORUM_PERCENT', 67, 51, 100, 'Votes for that a proposal needs, of eligible nodes.'],
  [
    'GOV_SUPERMAJORITY_PERCENT',
    75,
    51,
    100,
    'Votes for that consensus_change and contract_upgrade need, of eligible nodes.',
  ],
  ['GOV_DELAY_NORMAL_SEC', 24 * HOUR, ...DELAY_BOUNDS, 'From queueing to execution, normal level.'],
  ['GOV_DELAY_URGENT_SEC', 4 * HOUR, ...DELAY_BOUNDS, 'From queueing to execution, urgent level.'],
  ['GOV_DELAY_EMERGENCY_SEC', HOUR, ...DELAY_BOUNDS, 'From queueing to execution, emergency level.'],
  [
    'GOV_GRACE_SEC',
    7 * DAY,
    DAY,
    30 * DAY,
    'How long a passed proposal may be queued, and a ready one executed.',
  ],
  ['GOV_MAX_OPEN_PROPOSALS', 5, 1, 20, 'Proposals of one node that are not over.'],
  ['NODE_MIN_UPTIME_PERCENT', 80, 1, 100, 'Uptime over three months that a node needs to vote.'],
  ['NODE_MIN_EARNED_LUCID', 1, 0, 1_000_000, 'LUCID that a node must have earned to vote.'],
];

const fixedGovernance: readonly Row[] = [
  [
    'GOV_DELAY_IMMEDIATE_SEC',
    0,
    0,
    0,
    'From queueing to execution, immediate level, for administrators; fixed.',
  ],
];

/** Votes for that a kind needs at least, however few nodes there are. */
const SIGNATURES: Readonly<Record<ProposalKind, number>> = {
  parameter_change: 1,
  contract_upgrade: 2,
  emergency_shutdown: 3,
  key_rotation: 2,
  node_provisioning: 1,
  policy_update: 1,
  fee_adjustment: 1,
  consensus_change: 3,
};

const signatureRow = (kind: ProposalKind): Row => [
  `GOV_SIGNATURES_${kind.toUpperCase()}`,
  SIGNATURES[kind],
  1,
  100,
  `Votes for that ${kind} needs at least.`,
];

/** In the order of definition. */
export const defaultParameters: readonly ParameterDefinition[] = [
  ...fixed.map(define('consensus', true)),
  ...consensus.map(define('consensus')),
  ...ordinary.map(define('ordinary')),
  ...governance.map(define('governance')),
  ...fixedGovernance.map(define('governance', true)),
  ...proposalKinds.map(signatureRow).map(define('governance')),
];
