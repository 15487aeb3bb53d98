/** How proposals stand, as the governor says it: one batch for many. */
import { type ContractAt, type Outcome, type Question, question } from '@lucid/chain-client';
import { type lucidGovernor, type ProposalStage, proposalStages } from '@lucid/chain-contracts';
import type { Contracts, Governance } from './contracts.ts';
import type { ProposalCreated } from './governance-event.ts';

export interface Standing {
  readonly stage: ProposalStage;
  readonly votes: { readonly for: number; readonly against: number; readonly abstain: number };
  /** Index in `proposalKinds`. */
  readonly kind: number;
  /** Index in `proposalLevels`. */
  readonly level: number;
  readonly quorumPercent: number;
  readonly signatures: number;
  readonly delaySec: number;
  readonly graceSec: number;
  /** Null until it is queued. */
  readonly etaSec: number | null;
  /** Null until its voting begins, like `eligibleNodes`. */
  readonly votesNeeded: number | null;
  readonly eligibleNodes: number | null;
}

/** After these nothing changes any more. */
const lastStages: readonly ProposalStage[] = ['executed', 'canceled', 'expired', 'defeated'];
export const isOver = ({ stage }: Pick<Standing, 'stage'>): boolean => lastStages.includes(stage);

const given = <T>(outcome: Outcome<T>): T => {
  if (outcome.ok) return outcome.value;
  throw new Error(`the governor refuses to say how a proposal stands: ${outcome.reason.name}`);
};
const numberOf = (outcome: Outcome<unknown>): number | null => (outcome.ok ? Number(outcome.value) : null);

type Governor = ContractAt<typeof lucidGovernor.abi>;

const questionsOf = ({ governor, nodes }: Contracts, created: ProposalCreated) => {
  const id = BigInt(created.proposalId);
  return [
    question(governor, 'stage', [id]),
    question(governor, 'proposalVotes', [id]),
    question(governor, 'termsOf', [id]),
    question(governor, 'proposalEta', [id]),
    // Refused until the voting has begun.
    question(governor, 'votesNeeded', [id]),
    question(nodes, 'getPastTotalSupply', [BigInt(created.votingStartsAtSec)]),
  ] as const;
};

type Terms = ReturnType<typeof termsQuestion> extends Question<infer T> ? T : never;
const termsQuestion = (governor: Governor) => question(governor, 'termsOf', [0n]);

function standingOf(outcomes: readonly Outcome<unknown>[]): Standing {
  const [stage, votes, terms, eta, needed, eligible] = outcomes as readonly [
    Outcome<number>,
    Outcome<readonly [bigint, bigint, bigint]>,
    Outcome<Terms>,
    Outcome<bigint>,
    Outcome<bigint>,
    Outcome<bigint>,
  ];
  const [against, aye, abstain] = given(votes).map(Number) as [number, number, number];
  const etaSec = Number(given(eta));
  return {
    ...given(terms),
    stage: proposalStages[given(stage)] as ProposalStage,
    votes: { for: aye, against, abstain },
    etaSec: etaSec === 0 ? null : etaSec,
    votesNeeded: numberOf(needed),
    eligibleNodes: numberOf(eligible),
  };
}

/** In the order of the proposals. @throws ProblemError governance_absent, chain_unavailable */
export async function standingsOf(
  governance: Governance,
  proposals: readonly ProposalCreated[],
): Promise<Standing[]> {
  const contracts = await governance.contracts();
  const asked = proposals.map((each) => questionsOf(contracts, each));
  const outcomes = await governance.tryAll<unknown>(asked.flat());
  let at = 0;
  return asked.map(({ length }) => {
    at += length;
    return standingOf(outcomes.slice(at - length, at));
  });
}
