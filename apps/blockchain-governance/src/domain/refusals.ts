/** What the contracts refuse, in the words of this service's contract. */
import { type ChainClientError, isChainClientError, type RevertReason } from '@lucid/chain-client';
import { type ProposalStage, proposalKinds } from '@lucid/chain-contracts';
import type { ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { ParameterNames } from './actions.ts';

type Teller = (args: readonly unknown[], names: ParameterNames) => ProblemError;
type Tellers = Readonly<Record<string, Teller>>;

/** OpenZeppelin's `ProposalState`. */
const PENDING = 0;

const nameOf = (names: ParameterNames, key: unknown): string => names.get(String(key)) ?? String(key);

const boundTellers: Tellers = {
  ParameterUnknown: ([key], names) =>
    problem('parameter_unknown', { detail: `The registry has no parameter ${nameOf(names, key)}.` }),
  ParameterIsFixed: ([key], names) =>
    problem('parameter_fixed', { detail: `${nameOf(names, key)} is fixed.` }),
  ValueOutOfBounds: ([key, value, min, max], names) =>
    problem('value_out_of_bounds', {
      detail: `${nameOf(names, key)} takes ${min} to ${max}; ${value} is outside.`,
      extensions: { parameter: nameOf(names, key), min: String(min), max: String(max) },
    }),
};

const proposingTellers: Tellers = {
  ...boundTellers,
  OnlyAdminsAreImmediate: () => problem('immediate_for_admins'),
  GovernorInsufficientProposerVotes: () => problem('not_eligible'),
  TooManyOpenProposals: ([, limit]) =>
    problem('too_many_open', { detail: `A node may have ${limit} open proposals.` }),
  ActionNeedsKind: ([action, kind]) =>
    problem('kind_insufficient', {
      detail: `Action ${Number(action) + 1} needs the kind ${proposalKinds[Number(kind)]}.`,
    }),
  GovernorUnexpectedProposalState: () => problem('proposal_exists'),
  GovernorRestrictedProposer: () =>
    problem('proposal_malformed', {
      detail: 'The description ends with #proposer= and the address of another; leave that off.',
    }),
  GovernorInvalidProposalLength: () =>
    problem('proposal_malformed', {
      detail: 'It has no action, or its lists of targets, values and data differ in length.',
    }),
};

const votingTellers: Tellers = {
  GovernorNonexistentProposal: () => problem('proposal_unknown'),
  NodeNotEligible: () => problem('not_eligible'),
  GovernorAlreadyCastVote: () => problem('already_voted'),
  GovernorInvalidSignature: () => problem('signature_wrong'),
  GovernorUnexpectedProposalState: ([, current]) =>
    problem(Number(current) === PENDING ? 'voting_not_begun' : 'voting_over'),
};

const noNames: ParameterNames = new Map();

const told =
  (tellers: Tellers) =>
  (reason: RevertReason, names: ParameterNames = noNames): ProblemError | null =>
    tellers[reason.name]?.(reason.args, names) ?? null;

export const tellBounds = told(boundTellers);
export const tellProposing = told(proposingTellers);
export const tellVoting = told(votingTellers);

/** Why a call was reverted; null for other errors. */
export const revertOf = (error: unknown): RevertReason | null =>
  isChainClientError(error, 'call_reverted') ? ((error as ChainClientError).reason ?? null) : null;

/** A revert as it is in the log where nothing here expects it. */
export const unexpected = (reason: RevertReason, cause?: unknown): Error =>
  new Error(`a contract of governance refuses with ${reason.name}`, { cause });

const beforeQueueing = 'It passes only if the vote says so; wait until votingEndsAtSec.';
const stageDetails: Partial<Record<ProposalStage, string>> = {
  pending: beforeQueueing,
  active: beforeQueueing,
  succeeded: 'It has passed and is not queued yet.',
  queued: 'It is in the timelock.',
  ready: 'It is in the timelock, and may be executed.',
  executed: 'It is executed.',
  canceled: 'It was taken back.',
  expired: 'Its grace is over: it was not queued, or not executed, in time.',
};

/** That a stage does not allow what is asked. */
export const wrongStage = (stage: ProposalStage): ProblemError =>
  stage === 'defeated'
    ? problem('threshold_not_met')
    : problem('stage_wrong', { detail: stageDetails[stage] ?? stage, extensions: { stage } });
