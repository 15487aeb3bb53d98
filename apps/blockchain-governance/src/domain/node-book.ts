/** Who may vote. */
import { type Hex, question } from '@lucid/chain-client';
import type { VotingNode } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Governance } from './contracts.ts';
import type { IndexReader } from './index-reader.ts';

interface NodeBookOptions {
  readonly governance: Governance;
  readonly index: IndexReader;
}

type Told = Static<typeof VotingNode>;

export class NodeBook {
  readonly #options: NodeBookOptions;

  constructor(options: NodeBookOptions) {
    this.#options = options;
  }

  /** @throws ProblemError invalid_request, governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async list(page: { readonly limit: number; readonly after?: string | undefined }) {
    const { index } = this.#options;
    await index.refresh();
    const { items, next } = await index.page('node', { index: 'byNode', equals: ['node'], ...page });
    return { nodes: await this.#told(items.map(({ node }) => node)), next };
  }

  /** @throws ProblemError governance_absent, chain_unavailable */
  async get(node: Hex): Promise<Told> {
    const [told] = await this.#told([node]);
    return told as Told;
  }

  async #told(addresses: readonly Hex[]): Promise<Told[]> {
    const { governance } = this.#options;
    const { nodes, governor } = await governance.contracts();
    const [facts, votes, open] = await Promise.all([
      governance.ask(...addresses.map((each) => question(nodes, 'nodeOf', [each]))),
      governance.ask(...addresses.map((each) => question(nodes, 'getVotes', [each]))),
      governance.ask(...addresses.map((each) => question(governor, 'openProposals', [each]))),
    ]);
    return addresses.map((node, at) => {
      const { uptime, earned, reportedAt, excluded } = facts[at] as (typeof facts)[number];
      return {
        node,
        eligible: votes[at] === 1n,
        excluded,
        uptime,
        earnedLucid: String(earned),
        reportedAtSec: reportedAt === 0n ? null : Number(reportedAt),
        openProposals: (open[at] as readonly bigint[]).map(String),
      };
    });
  }
}
