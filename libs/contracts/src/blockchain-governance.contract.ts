import { Type } from 'typebox';
import {
  GovernanceInfo,
  GovernedParameter,
  ParameterChange,
  ParameterName,
  Proposal,
  ProposalAction,
  ProposalDraft,
  ProposalId,
  ProposalStage,
  QueuedOperation,
  Relay,
  SignedTransaction,
  SignedVote,
  TypedVote,
  UnsignedTransaction,
  Vote,
  VoteDraft,
  VotingNode,
} from './blockchain-governance-schemas.ts';
import { IndexStatus } from './blockchain-sessions-data.contract.ts';
import { Address, Hash32 } from './chain-schemas.ts';
import { defineContract } from './contract.ts';

const strict = { additionalProperties: false } as const;
const page = (most: number, usual: number) => ({
  limit: Type.Integer({ minimum: 1, maximum: most, default: usual }),
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
});
const Next = Type.Union([Type.String(), Type.Null()]);
const ProposalParams = Type.Object({ proposalId: ProposalId });
const callers = ['public'] as const;

/** Any of them: the chain or its index cannot be read as it is. */
const readErrors = ['governance_absent', 'chain_unavailable', 'chain_replaced', 'index_clearing'] as const;
const relayErrors = [...readErrors, 'store_full'] as const;
const payErrors = ['relaying_off', 'relayer_funds', 'relay_busy', ...relayErrors] as const;
const proposingErrors = [
  'not_eligible',
  'immediate_for_admins',
  'too_many_open',
  'proposal_exists',
  'parameter_unknown',
  'parameter_fixed',
  'value_out_of_bounds',
  'kind_insufficient',
  'proposal_malformed',
] as const;
const votingErrors = [
  'proposal_unknown',
  'not_eligible',
  'already_voted',
  'voting_not_begun',
  'voting_over',
] as const;
const signedErrors = ['transaction_malformed', 'transaction_refused'] as const;
const cancelErrors = ['proposal_unknown', 'not_proposer', 'stage_wrong'] as const;

const errors = {
  governance_absent: {
    status: 503,
    title:
      'No governance is set up: GOVERNANCE_GOVERNOR_ADDRESS is missing, or names no governor of this chain.',
  },
  proposal_unknown: { status: 404, title: 'The governor knows no such proposal, or not yet.' },
  parameter_unknown: { status: 404, title: 'The registry has no such parameter.' },
  relay_unknown: { status: 404, title: 'Nothing was handed in under this id.' },
  not_eligible: {
    status: 403,
    title: 'This node has no vote: who votes is eligible when the voting begins, who proposes is so now.',
  },
  immediate_for_admins: {
    status: 403,
    title: 'Only administrators among the nodes propose at the immediate level.',
  },
  not_proposer: { status: 403, title: 'Only its proposer takes a proposal back.' },
  too_many_open: { status: 409, title: 'The node has as many open proposals as it may have.' },
  proposal_exists: {
    status: 409,
    title: 'There is such a proposal: the same actions with the same description. Word it otherwise.',
  },
  already_voted: { status: 409, title: 'The node has voted on this proposal; a vote stands.' },
  voting_not_begun: {
    status: 409,
    title: 'The proposal is still discussed; votingStartsAtSec says until when.',
  },
  voting_over: { status: 409, title: 'The voting on this proposal is over.' },
  stage_wrong: {
    status: 409,
    title: 'At its stage this cannot be done with the proposal; the detail says why.',
  },
  threshold_not_met: {
    status: 409,
    title: 'The proposal has not passed: more votes for than against are needed, and as many as votesNeeded.',
  },
  timelock_running: { status: 409, title: 'The timelock of the proposal runs until etaSec.' },
  parameter_fixed: { status: 422, title: 'The value of this parameter is never changed.' },
  value_out_of_bounds: { status: 422, title: 'The value is outside of the bounds of its parameter.' },
  kind_insufficient: {
    status: 422,
    title: 'A proposal of this kind may not do that; the detail names the kind that may.',
  },
  proposal_malformed: {
    status: 422,
    title: 'It is no proposal that the governor takes; the detail says why.',
  },
  signature_wrong: {
    status: 422,
    title:
      'The signature is not the voter’s over this vote with its present nonce; prepare it anew and sign that.',
  },
  execution_reverted: {
    status: 422,
    title: 'An action of the proposal fails now; the detail says which way.',
  },
  transaction_malformed: {
    status: 422,
    title: 'It is no signed transaction of this chain that does this; the detail says why.',
  },
  transaction_refused: {
    status: 422,
    title: 'The chain does not take the transaction; the detail says why.',
  },
  relay_busy: {
    status: 409,
    title: 'Another vote of this node is on its way; ask again when it is included.',
  },
  relaying_off: {
    status: 409,
    title: 'Nobody pays for transactions here (CHAIN_ACCOUNT_KEY); send your own to the chain.',
  },
  relayer_funds: { status: 503, title: 'The account that pays for transactions is out of funds.' },
  chain_unavailable: { status: 503, title: 'The chain or its ledger cannot be read now.' },
  chain_replaced: {
    status: 409,
    title: 'The ledger holds another chain than the one that was indexed; the operator has it indexed anew.',
  },
  index_clearing: {
    status: 503,
    title: 'The index is being forgotten before it is made anew; try again soon.',
  },
  history_pruned: {
    status: 409,
    title: 'The ledger no longer keeps the blocks that the index was made from; it would lose what it has.',
  },
  store_full: { status: 507, title: 'There is no room for the request; free some and try again.' },
} as const;

const reading = {
  getGovernance: {
    method: 'GET',
    path: '/governance',
    summary: 'Contracts, and the rules that hold now.',
    callers,
    response: GovernanceInfo,
    errors: readErrors,
  },
  listProposals: {
    method: 'GET',
    path: '/governance/proposals',
    summary: 'Proposals, the newest first; with a stage, those that are at it now.',
    callers,
    query: Type.Object(
      {
        stage: Type.Optional(ProposalStage),
        proposer: Type.Optional(Address),
        ...page(50, 20),
      },
      strict,
    ),
    response: Type.Object({ proposals: Type.Array(Proposal), next: Next }),
    errors: readErrors,
  },
  getProposal: {
    method: 'GET',
    path: '/governance/proposals/:proposalId',
    summary: 'A proposal: what it does, its stage, votes, quorum and times.',
    callers,
    params: ProposalParams,
    response: Proposal,
    errors: ['proposal_unknown', ...readErrors],
  },
  listVotes: {
    method: 'GET',
    path: '/governance/proposals/:proposalId/votes',
    summary: 'Votes on a proposal in the order of the chain.',
    callers,
    params: ProposalParams,
    query: Type.Object(page(1000, 100), strict),
    response: Type.Object({ votes: Type.Array(Vote), next: Next }),
    errors: ['proposal_unknown', ...readErrors],
  },
  listTimelock: {
    method: 'GET',
    path: '/governance/timelock',
    summary: 'What waits in the timelock, the next due first.',
    callers,
    response: Type.Object({ operations: Type.Array(QueuedOperation) }),
    errors: readErrors,
  },
  listParameters: {
    method: 'GET',
    path: '/governance/params',
    summary: 'All parameters with their bounds.',
    callers,
    response: Type.Object({ parameters: Type.Array(GovernedParameter) }),
    errors: readErrors,
  },
  getParameter: {
    method: 'GET',
    path: '/governance/params/:name',
    summary: 'A parameter with its bounds.',
    callers,
    params: Type.Object({ name: ParameterName }),
    response: GovernedParameter,
    errors: ['parameter_unknown', ...readErrors],
  },
  listParameterChanges: {
    method: 'GET',
    path: '/governance/params/:name/history',
    summary: 'Values that a parameter has had, the oldest first, and by which proposals.',
    callers,
    params: Type.Object({ name: ParameterName }),
    query: Type.Object(page(1000, 100), strict),
    response: Type.Object({ changes: Type.Array(ParameterChange), next: Next }),
    errors: ['parameter_unknown', ...readErrors],
  },
  listNodes: {
    method: 'GET',
    path: '/governance/nodes',
    summary: 'Nodes that have or had a vote, by address.',
    callers,
    query: Type.Object(page(200, 50), strict),
    response: Type.Object({ nodes: Type.Array(VotingNode), next: Next }),
    errors: readErrors,
  },
  getNode: {
    method: 'GET',
    path: '/governance/nodes/:node',
    summary: 'Whether a node has a vote, and why; unknown ones have none.',
    callers,
    params: Type.Object({ node: Address }),
    response: VotingNode,
    errors: readErrors,
  },
  getRelay: {
    method: 'GET',
    path: '/governance/relays/:relayId',
    summary: 'What became of what was handed in.',
    callers,
    params: Type.Object({ relayId: Hash32 }),
    response: Relay,
    errors: ['relay_unknown'],
  },
  getStatus: {
    method: 'GET',
    path: '/governance/status',
    summary: 'How far the index is.',
    callers,
    response: IndexStatus,
  },
} as const;

const taking = {
  prepareProposal: {
    method: 'POST',
    path: '/governance/proposals/prepare',
    summary: 'Judges a proposal, and gives the transaction that its proposer signs.',
    callers,
    body: ProposalDraft,
    response: Type.Object({
      proposalId: ProposalId,
      actions: Type.Array(ProposalAction),
      transaction: UnsignedTransaction,
    }),
    errors: [...proposingErrors, ...readErrors],
    idempotent: true,
  },
  submitProposal: {
    method: 'POST',
    path: '/governance/proposals',
    summary: 'Judges a proposal that its proposer has signed, and hands it to the chain; repeating is safe.',
    callers,
    body: SignedTransaction,
    response: Relay,
    status: 202,
    errors: [...proposingErrors, ...signedErrors, ...relayErrors],
    idempotent: true,
  },
  prepareVote: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/votes/prepare',
    summary: 'Judges a vote, and gives the typed data that the voter signs.',
    callers,
    params: ProposalParams,
    body: VoteDraft,
    response: TypedVote,
    errors: ['relay_busy', ...votingErrors, ...readErrors],
    idempotent: true,
  },
  castVote: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/votes',
    summary:
      'Judges a signed vote and brings it to the chain at the cost of this service; repeating is safe.',
    callers,
    params: ProposalParams,
    body: SignedVote,
    response: Relay,
    status: 202,
    errors: ['signature_wrong', ...votingErrors, ...payErrors],
    idempotent: true,
  },
  prepareCancel: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/cancel/prepare',
    summary: 'Gives the transaction by which its proposer takes a proposal back; only before the voting.',
    callers,
    params: ProposalParams,
    response: UnsignedTransaction,
    errors: [...cancelErrors, ...readErrors],
    idempotent: true,
  },
  cancelProposal: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/cancel',
    summary: 'Takes a proposal back by a transaction that its proposer has signed; repeating is safe.',
    callers,
    params: ProposalParams,
    body: SignedTransaction,
    response: Relay,
    status: 202,
    errors: [...cancelErrors, ...signedErrors, ...relayErrors],
    idempotent: true,
  },
} as const;

const paying = ['operator', 'blockchain-governance'] as const;

const keeping = {
  queueProposal: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/queue',
    summary:
      'Puts a proposal that has passed into the timelock. The keeper does it unasked, and so may anybody on the chain.',
    callers: paying,
    params: ProposalParams,
    response: Relay,
    status: 202,
    errors: ['proposal_unknown', 'threshold_not_met', 'stage_wrong', ...payErrors],
    idempotent: true,
  },
  executeProposal: {
    method: 'POST',
    path: '/governance/proposals/:proposalId/execute',
    summary:
      'Does what a proposal says once its timelock is over. The keeper does it unasked, and so may anybody on the chain.',
    callers: paying,
    params: ProposalParams,
    response: Relay,
    status: 202,
    errors: [
      'proposal_unknown',
      'threshold_not_met',
      'timelock_running',
      'execution_reverted',
      'stage_wrong',
      ...payErrors,
    ],
    idempotent: true,
  },
  rebuild: {
    method: 'POST',
    path: '/governance/rebuild',
    summary: 'Forgets the index and makes it anew from block 0; goes on after the answer.',
    callers: paying,
    response: IndexStatus,
    status: 202,
    errors: ['history_pruned', 'chain_unavailable', 'store_full'],
    idempotent: true,
  },
} as const;

export const blockchainGovernanceContract = defineContract({
  service: 'blockchain-governance',
  version: '0.1.0',
  summary:
    'Proposals, one node one vote, timelock and parameters of the network. Keys stay with those who propose and vote: they sign, this service judges and relays.',
  basePath: '/api/v1',
  errors,
  operations: { ...reading, ...taking, ...keeping },
});
