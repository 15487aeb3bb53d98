/** Proposals: the index says which there are and what they do, the governor how they stand. */
import type { Hex } from '@lucid/chain-client';
import {
  type ProposalKind,
  type ProposalLevel,
  type ProposalStage,
  proposalKinds,
  proposalLevels,
  type VoteType,
  voteTypes,
} from '@lucid/chain-contracts';
import type { Proposal, QueuedOperation, Vote } from '@lucid/contracts';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { namesOf, type ParameterNames, tellActions } from './actions.ts';
import { toChainPlace } from './chain-place.ts';
import type { Contracts, Governance } from './contracts.ts';
import type { ProposalCreated, ProposalMoved } from './governance-event.ts';
import type { IndexReader } from './index-reader.ts';
import type { ParameterBook } from './parameter-book.ts';
import { isOver, type Standing, standingsOf } from './standing.ts';

interface ProposalBookOptions {
  readonly governance: Governance;
  readonly index: IndexReader;
  readonly parameters: ParameterBook;
}

interface PageOptions {
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface Filter {
  readonly stage?: ProposalStage | undefined;
  readonly proposer?: string | undefined;
}

/** A proposal that is not over. */
export interface OpenProposal {
  readonly created: ProposalCreated;
  readonly standing: Standing;
}

type Told = Static<typeof Proposal>;

/** Pages that are looked through for a stage in one request. */
const MOST_PAGES = 20;

export class ProposalBook {
  readonly #options: ProposalBookOptions;
  /** Proposals that are over: they do not change any more. */
  readonly #over = new Map<string, Standing>();
  /** Those that may not be, and the height up to which they were looked for. */
  readonly #open = new Map<string, ProposalCreated>();
  #lookedUpTo = 0;

  constructor(options: ProposalBookOptions) {
    this.#options = options;
  }

  /** The index is made anew. */
  forget(): void {
    this.#over.clear();
    this.#open.clear();
    this.#lookedUpTo = 0;
  }

  /** @throws ProblemError invalid_request, governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async list({ stage, proposer }: Filter, { limit, after }: PageOptions) {
    const { index } = this.#options;
    await index.refresh();
    const range =
      proposer === undefined
        ? { index: 'byKind', equals: ['created'] }
        : { index: 'byProposer', equals: [proposer] };
    let next = after ?? null;
    let found: OpenProposal[] = [];
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await index.page('created', {
        ...range,
        reverse: true,
        limit,
        ...(next && { after: next }),
      });
      const standings = await this.#standings(page.items);
      found = page.items
        .map((created, at) => ({ created, standing: standings[at] as Standing }))
        .filter(({ standing }) => stage === undefined || standing.stage === stage);
      next = page.next;
      if (found.length > 0 || next === null) break;
    }
    return { proposals: await this.#toldAll(found), next };
  }

  /** @throws ProblemError proposal_unknown, governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async get(proposalId: string): Promise<Told> {
    const [told] = await this.#toldAll([await this.standing(proposalId)]);
    return told as Told;
  }

  /** @throws ProblemError as `get` */
  async standing(proposalId: string): Promise<OpenProposal> {
    const created = await this.#find(proposalId);
    const [standing] = await this.#standings([created]);
    return { created, standing: standing as Standing };
  }

  /** @throws ProblemError as `get`, invalid_request */
  async votes(proposalId: string, page: PageOptions) {
    await this.#find(proposalId);
    const { items, next } = await this.#options.index.page('vote', {
      index: 'byProposal',
      equals: [proposalId, 'vote'],
      ...page,
    });
    const votes = items.map(
      (each): Static<typeof Vote> => ({
        voter: each.voter,
        support: voteTypes[each.support] as VoteType,
        reason: each.reason,
        ...toChainPlace(each),
      }),
    );
    return { votes, next };
  }

  /** Those that are not over, the oldest first. @throws ProblemError governance_absent, chain_unavailable, … */
  async open(): Promise<OpenProposal[]> {
    const { index } = this.#options;
    await index.refresh();
    const created = await index.all('created', {
      index: 'byKind',
      equals: ['created'],
      from: this.#lookedUpTo,
    });
    for (const each of created) {
      if (!this.#over.has(each.proposalId)) this.#open.set(each.proposalId, each);
      this.#lookedUpTo = Math.max(this.#lookedUpTo, each.height);
    }
    const candidates = [...this.#open.values()];
    const standings = await this.#standings(candidates);
    return candidates
      .map((each, at) => ({ created: each, standing: standings[at] as Standing }))
      .filter(({ standing }) => !isOver(standing));
  }

  /** What waits in the timelock, the next due first. */
  async timelock(): Promise<{ operations: Static<typeof QueuedOperation>[] }> {
    const operations = (await this.open()).flatMap(({ created, standing }) => {
      const { stage, etaSec, graceSec } = standing;
      if (etaSec === null) return [];
      const level = proposalLevels[standing.level] as ProposalLevel;
      return [{ proposalId: created.proposalId, level, stage, etaSec, expiresAtSec: etaSec + graceSec }];
    });
    return { operations: operations.sort((a, b) => a.etaSec - b.etaSec) };
  }

  async #find(proposalId: string): Promise<ProposalCreated> {
    const { index } = this.#options;
    await index.refresh();
    const created = await index.first('created', { index: 'byProposal', equals: [proposalId, 'created'] });
    if (created === null) throw problem('proposal_unknown');
    return created;
  }

  async #standings(proposals: readonly ProposalCreated[]): Promise<Standing[]> {
    const asked = proposals.filter(({ proposalId }) => !this.#over.has(proposalId));
    const found = new Map<string, Standing>();
    for (const [at, standing] of (await standingsOf(this.#options.governance, asked)).entries()) {
      const { proposalId } = asked[at] as ProposalCreated;
      found.set(proposalId, standing);
      if (!isOver(standing)) continue;
      this.#over.set(proposalId, standing);
      this.#open.delete(proposalId);
    }
    return proposals.map(
      ({ proposalId }) => (found.get(proposalId) ?? this.#over.get(proposalId)) as Standing,
    );
  }

  async #toldAll(proposals: readonly OpenProposal[]): Promise<Told[]> {
    const { governance, parameters } = this.#options;
    const contracts = await governance.contracts();
    const names = namesOf(await parameters.definitions());
    return Promise.all(
      proposals.map(async (each) =>
        tell({ contracts, names, moves: await this.#moves(each.created.proposalId) }, each),
      ),
    );
  }

  async #moves(proposalId: string): Promise<Moves> {
    const { index } = this.#options;
    const placeOf = async (kind: ProposalMoved['kind']) => {
      const found = await index.first(kind, { index: 'byProposal', equals: [proposalId, kind] });
      return found && toChainPlace(found);
    };
    return {
      queued: await placeOf('queued'),
      executed: await placeOf('executed'),
      canceled: await placeOf('canceled'),
    };
  }
}

type Moves = Pick<Told, ProposalMoved['kind']>;

interface Telling {
  readonly contracts: Contracts;
  readonly names: ParameterNames;
  readonly moves: Moves;
}

function tell({ contracts, names, moves }: Telling, { created, standing }: OpenProposal): Told {
  const { kind, level, ...rest } = standing;
  const values = created.values.map(BigInt);
  return {
    proposalId: created.proposalId,
    proposer: created.proposer as Hex,
    kind: proposalKinds[kind] as ProposalKind,
    level: proposalLevels[level] as ProposalLevel,
    description: created.description,
    actions: tellActions(contracts, { ...created, values }, names),
    created: toChainPlace(created),
    votingStartsAtSec: created.votingStartsAtSec,
    votingEndsAtSec: created.votingEndsAtSec,
    ...rest,
    ...moves,
  };
}
