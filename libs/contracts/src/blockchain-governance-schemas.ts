/** Shapes of governance. Whole numbers of the chain that may be large are decimal text; times are seconds since the Unix epoch. */
import { Type } from 'typebox';
import { Address, Data, Hash32, Quantity } from './chain-schemas.ts';
import { Count } from './schemas.ts';

export const ProposalId = Type.String({
  pattern: '^(0|[1-9][0-9]{0,77})$',
  description: 'id of a proposal as the governor has it: a whole number of 256 bits, decimal',
});
/** Of a parameter, or of wei. */
export const Whole = Type.String({ pattern: '^(0|[1-9][0-9]{0,77})$', description: 'whole number, decimal' });

export const ParameterName = Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$' });

export const ProposalKind = Type.Union([
  Type.Literal('parameter_change'),
  Type.Literal('contract_upgrade'),
  Type.Literal('emergency_shutdown'),
  Type.Literal('key_rotation'),
  Type.Literal('node_provisioning'),
  Type.Literal('policy_update'),
  Type.Literal('fee_adjustment'),
  Type.Literal('consensus_change'),
]);

/** How long what has passed waits: as the registry says, 24 h, 4 h, 1 h and 0 at first; `immediate` is for administrators. */
export const ProposalLevel = Type.Union([
  Type.Literal('normal'),
  Type.Literal('urgent'),
  Type.Literal('emergency'),
  Type.Literal('immediate'),
]);

/** `pending`: discussed; `active`: voted on; `queued`: in the timelock; `ready`: may be executed. */
export const ProposalStage = Type.Union([
  Type.Literal('pending'),
  Type.Literal('active'),
  Type.Literal('succeeded'),
  Type.Literal('queued'),
  Type.Literal('ready'),
  Type.Literal('executed'),
  Type.Literal('canceled'),
  Type.Literal('expired'),
  Type.Literal('defeated'),
]);

export const VoteSupport = Type.Union([
  Type.Literal('for'),
  Type.Literal('against'),
  Type.Literal('abstain'),
]);

export const ParameterClass = Type.Union([
  Type.Literal('ordinary'),
  Type.Literal('consensus'),
  Type.Literal('governance'),
]);

/** Where on the chain something was said. */
export const ChainPlace = Type.Object({ height: Count, timestampSec: Count, transactionHash: Hash32 });

/** What the timelock does when a proposal is executed. */
export const ProposalAction = Type.Object({
  target: Address,
  /** Wei. */
  value: Whole,
  data: Data,
  /** Present where it sets a parameter. */
  parameter: Type.Optional(Type.Object({ name: Type.String(), value: Whole })),
});

export const Proposal = Type.Object({
  proposalId: ProposalId,
  proposer: Address,
  kind: ProposalKind,
  level: ProposalLevel,
  description: Type.String(),
  actions: Type.Array(ProposalAction),
  stage: ProposalStage,
  created: ChainPlace,
  /** Who is eligible at this second may vote; votes count from the next one on. */
  votingStartsAtSec: Count,
  /** The last second of the voting. */
  votingEndsAtSec: Count,
  votes: Type.Object({ for: Count, against: Count, abstain: Count }),
  /** Votes for that it needs; null until its voting begins. */
  votesNeeded: Type.Union([Count, Type.Null()]),
  /** Nodes that may vote; null until its voting begins. */
  eligibleNodes: Type.Union([Count, Type.Null()]),
  /** As they were when it was proposed. */
  quorumPercent: Count,
  signatures: Count,
  delaySec: Count,
  graceSec: Count,
  /** When it may be executed; null until it is queued. */
  etaSec: Type.Union([Count, Type.Null()]),
  queued: Type.Union([ChainPlace, Type.Null()]),
  executed: Type.Union([ChainPlace, Type.Null()]),
  canceled: Type.Union([ChainPlace, Type.Null()]),
});

export const Vote = Type.Object({
  voter: Address,
  support: VoteSupport,
  reason: Type.String(),
  ...ChainPlace.properties,
});

export const ProposalDraft = Type.Object(
  {
    /** Who will sign. */
    proposer: Address,
    kind: ProposalKind,
    level: Type.Optional(ProposalLevel),
    description: Type.String({ minLength: 1, maxLength: 16_384 }),
    /** Parameters and the values that they shall have. */
    changes: Type.Optional(
      Type.Array(Type.Object({ name: ParameterName, value: Whole }, { additionalProperties: false }), {
        maxItems: 64,
      }),
    ),
    /** Calls of contracts, after the changes. */
    calls: Type.Optional(
      Type.Array(
        Type.Object(
          {
            target: Address,
            value: Type.Optional(Whole),
            data: Type.String({ pattern: '^0x([0-9a-f]{2})*$', maxLength: 131_072 }),
          },
          { additionalProperties: false },
        ),
        { maxItems: 64 },
      ),
    ),
  },
  { additionalProperties: false },
);

/** To be signed with the sender's own key (EIP-1559), by any wallet; quantities as JSON-RPC has them. */
export const UnsignedTransaction = Type.Object({
  type: Type.Literal('0x2'),
  chainId: Quantity,
  nonce: Quantity,
  from: Address,
  to: Address,
  value: Quantity,
  data: Data,
  gas: Quantity,
  maxFeePerGas: Quantity,
  maxPriorityFeePerGas: Quantity,
});

export const SignedTransaction = Type.Object(
  {
    raw: Type.String({
      pattern: '^0x([0-9a-f]{2})+$',
      maxLength: 2 + 2 * 102_400,
      description: 'signed transaction (EIP-2718), 0x and lower-case hex',
    }),
  },
  { additionalProperties: false },
);

const Reason = Type.String({ maxLength: 4_096 });

export const VoteDraft = Type.Object(
  { voter: Address, support: VoteSupport, reason: Type.Optional(Reason) },
  { additionalProperties: false },
);

export const SignedVote = Type.Object(
  {
    ...VoteDraft.properties,
    /** Of the typed data that `prepareVote` gives: 65 bytes of a key, or what a contract that votes accepts (ERC-1271). */
    signature: Type.String({ pattern: '^0x([0-9a-f]{2})+$', maxLength: 8_194 }),
  },
  { additionalProperties: false },
);

/** EIP-712, as `eth_signTypedData_v4`, `cast wallet sign --data` and viem's `signTypedData` take it. */
export const TypedVote = Type.Object({
  domain: Type.Object({
    name: Type.String(),
    version: Type.String(),
    chainId: Count,
    verifyingContract: Address,
  }),
  types: Type.Record(Type.String(), Type.Array(Type.Object({ name: Type.String(), type: Type.String() }))),
  primaryType: Type.String(),
  message: Type.Record(Type.String(), Type.Union([Type.String(), Count])),
});

export const RelayKind = Type.Union([
  Type.Literal('propose'),
  Type.Literal('vote'),
  Type.Literal('queue'),
  Type.Literal('execute'),
  Type.Literal('cancel'),
]);

/** What became of what was handed in. It is kept before it is sent: repeating is safe, and nothing is sent twice. */
export const Relay = Type.Object({
  relayId: Hash32,
  kind: RelayKind,
  proposalId: ProposalId,
  /** Who signed; of `queue` and `execute` who pays. */
  by: Address,
  state: Type.Union([Type.Literal('waiting'), Type.Literal('included'), Type.Literal('failed')]),
  transactionHash: Type.Union([Hash32, Type.Null()]),
  height: Type.Union([Count, Type.Null()]),
  /** Why it failed. */
  reason: Type.Union([Type.String(), Type.Null()]),
});

export const GovernedParameter = Type.Object({
  name: Type.String(),
  key: Hash32,
  description: Type.String(),
  value: Whole,
  min: Whole,
  max: Whole,
  class: ParameterClass,
  /** Its value is never changed. */
  fixed: Type.Boolean(),
  /** Values that it has had. */
  changes: Count,
});

export const ParameterChange = Type.Object({
  value: Whole,
  /** Null where it was defined. */
  oldValue: Type.Union([Whole, Type.Null()]),
  /** By which proposal; null where it was defined. */
  proposalId: Type.Union([ProposalId, Type.Null()]),
  ...ChainPlace.properties,
});

export const VotingNode = Type.Object({
  node: Address,
  /** Has a vote now. */
  eligible: Type.Boolean(),
  excluded: Type.Boolean(),
  /** Hundredths of a percent over three months. */
  uptime: Count,
  earnedLucid: Whole,
  /** Null for founders that no oracle has reported yet. */
  reportedAtSec: Type.Union([Count, Type.Null()]),
  openProposals: Type.Array(ProposalId),
});

export const QueuedOperation = Type.Object({
  proposalId: ProposalId,
  level: ProposalLevel,
  stage: ProposalStage,
  etaSec: Count,
  /** After this second nobody may execute it. */
  expiresAtSec: Count,
});

export const GovernanceInfo = Type.Object({
  chainId: Count,
  governor: Address,
  timelock: Address,
  registry: Address,
  nodes: Address,
  eligibleNodes: Count,
  /** What would hold for a proposal that is made now; numbers are those of the registry. */
  discussionSec: Count,
  votingSec: Count,
  graceSec: Count,
  maxOpenProposals: Count,
  levels: Type.Array(Type.Object({ level: ProposalLevel, delaySec: Count, adminsOnly: Type.Boolean() })),
  kinds: Type.Array(Type.Object({ kind: ProposalKind, quorumPercent: Count, signatures: Count })),
  /** Who pays for votes, queueing and execution; null where nobody does. */
  relayer: Type.Union([Address, Type.Null()]),
  /** What has passed is queued and executed without being asked for. */
  keeper: Type.Boolean(),
});
