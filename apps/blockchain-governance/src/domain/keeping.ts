/** Queueing and executing what has passed: on request, and unasked by the keeper. */
import { type Hex, type Question, question } from '@lucid/chain-client';
import type { Relay } from '@lucid/contracts';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { type Governance, judged } from './contracts.ts';
import { hashOfCall } from './hashes.ts';
import type { OpenProposal, ProposalBook } from './proposal-book.ts';
import { restOf } from './proposing.ts';
import { revertOf, wrongStage } from './refusals.ts';
import type { RelayDesk } from './relay-desk.ts';

interface KeepingOptions {
  readonly governance: Governance;
  readonly proposals: ProposalBook;
  readonly desk: RelayDesk;
}

type Told = Static<typeof Relay>;
export type KeepingStep = 'queue' | 'execute';

export class Keeping {
  readonly #options: KeepingOptions;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /**
   * @throws ProblemError proposal_unknown, threshold_not_met, timelock_running, execution_reverted, stage_wrong, relaying_off, relayer_funds,
   * governance_absent, chain_unavailable, …
   */
  async take(step: KeepingStep, proposalId: string): Promise<Told> {
    const { desk, proposals } = this.#options;
    const from = desk.assertPayer();
    const proposal = await proposals.standing(proposalId);
    const asked = await this.#question(step, proposal, from);
    const known = await desk.known(hashOfCall(asked));
    if (known) return known;
    assertStage(step, proposal);
    const call = { to: asked.to, data: asked.data, gas: await this.#gasOf(asked) };
    return desk.relay({ relayId: hashOfCall(asked), kind: step, proposalId, by: from, call });
  }

  async #question(step: KeepingStep, { created }: OpenProposal, from: Hex) {
    const { governor } = await this.#options.governance.contracts();
    return judged(question(governor, step, restOf(created), { from }));
  }

  async #gasOf(asked: Question<unknown>): Promise<bigint> {
    const { governance } = this.#options;
    try {
      await governance.ask(asked);
      return await governance.gasOf(asked);
    } catch (error) {
      const reason = revertOf(error);
      if (reason === null) throw error;
      throw problem('execution_reverted', { detail: `It is refused with ${reason.name}.`, cause: error });
    }
  }
}

function assertStage(step: KeepingStep, { standing }: OpenProposal): void {
  const { stage, etaSec } = standing;
  if (step === 'queue' ? stage === 'succeeded' : stage === 'ready') return;
  if (step === 'execute' && stage === 'queued') throw problem('timelock_running', { extensions: { etaSec } });
  throw wrongStage(stage);
}
