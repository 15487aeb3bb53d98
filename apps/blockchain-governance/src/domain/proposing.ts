/** Proposals and their withdrawal: judged by the contracts before they are signed, and again before they are handed to the chain. */
import {
  type Hex,
  question,
  rawQuestion,
  readCall,
  readSignedCall,
  type SignedCall,
} from '@lucid/chain-client';
import { type ProposalKind, type ProposalLevel, proposalKinds, proposalLevels } from '@lucid/chain-contracts';
import type { ProposalDraft, Relay } from '@lucid/contracts';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { type Actions, namesOf, type ParameterNames, tellActions } from './actions.ts';
import { type Contracts, type Governance, judged } from './contracts.ts';
import type { ProposalCreated } from './governance-event.ts';
import { hashOfText } from './hashes.ts';
import type { ParameterBook } from './parameter-book.ts';
import type { ProposalBook } from './proposal-book.ts';
import { revertOf, tellBounds, tellProposing, unexpected, wrongStage } from './refusals.ts';
import type { RelayDesk } from './relay-desk.ts';

interface ProposingOptions {
  readonly governance: Governance;
  readonly proposals: ProposalBook;
  readonly parameters: ParameterBook;
  readonly desk: RelayDesk;
  readonly chainId: number;
}

/** What the governor is asked to take. */
interface Wording extends Actions {
  /** Index in `proposalKinds`. */
  readonly kind: number;
  /** Index in `proposalLevels`. */
  readonly level: number;
  readonly description: string;
}

type Draft = Static<typeof ProposalDraft>;

const WORD = 2n ** 256n;

const malformed = (detail: string) => problem('transaction_malformed', { detail });

const lower = (address: unknown): Hex => String(address).toLowerCase() as Hex;

/** Arguments of `queue`, `execute` and `cancel`. */
export const restOf = ({ targets, values, calldatas, description }: ProposalCreated) =>
  [targets, values.map(BigInt), calldatas, hashOfText(description)] as const;

function toWording(functionName: string, args: readonly unknown[]): Wording | null {
  if (functionName !== 'proposeAs' && functionName !== 'propose') return null;
  const [kind, level, targets, values, calldatas, description] =
    functionName === 'proposeAs' ? args : [0, 0, ...args];
  return {
    kind: Number(kind),
    level: Number(level),
    targets: (targets as readonly Hex[]).map(lower),
    values: values as readonly bigint[],
    calldatas: calldatas as readonly Hex[],
    description: String(description),
  };
}

export class Proposing {
  readonly #options: ProposingOptions;

  constructor(options: ProposingOptions) {
    this.#options = options;
  }

  /** @throws ProblemError for each reason why the governor would not take it, governance_absent, chain_unavailable */
  async prepare(draft: Draft) {
    const { governance } = this.#options;
    const contracts = await governance.contracts();
    const names = await this.#names();
    const wording = this.#wordingOf(contracts, draft, names);
    const proposer = draft.proposer as Hex;
    await this.#judge(contracts, { wording, proposer, names });
    const asked = { ...proposeQuestion(contracts, wording, proposer), from: proposer };
    return {
      proposalId: await this.#idOf(contracts, wording),
      actions: tellActions(contracts, wording, names),
      transaction: await governance.unsigned(judged(asked)),
    };
  }

  /** @throws ProblemError as `prepare`, transaction_malformed, transaction_refused; DocumentStoreError */
  async submit(raw: Hex): Promise<Static<typeof Relay>> {
    const { governance, desk } = this.#options;
    const contracts = await governance.contracts();
    const { signed, call } = await this.#read(contracts, raw);
    const wording = call && toWording(call.functionName, call.args);
    if (wording === null) throw malformed('It calls neither proposeAs nor propose of the governor.');
    const known = await desk.known(signed.hash);
    if (known) return known;
    if (!(await desk.isOnChain(signed.hash))) {
      await this.#judge(contracts, { wording, proposer: signed.from, names: await this.#names() });
      await desk.assertNonce(signed);
    }
    const proposalId = await this.#idOf(contracts, wording);
    return desk.relay({ ...orderOf(signed, raw), kind: 'propose', proposalId });
  }

  /** @throws ProblemError proposal_unknown, stage_wrong, governance_absent, chain_unavailable, … */
  async prepareCancel(proposalId: string) {
    const { governance } = this.#options;
    const created = await this.#cancelable(proposalId);
    const { governor } = await governance.contracts();
    const from = created.proposer;
    const asked = { ...question(governor, 'cancel', restOf(created), { from }), from };
    return governance.unsigned(judged(asked));
  }

  /** @throws ProblemError as `prepareCancel`, not_proposer, transaction_malformed, transaction_refused; DocumentStoreError */
  async cancel(proposalId: string, raw: Hex): Promise<Static<typeof Relay>> {
    const { governance, desk } = this.#options;
    const contracts = await governance.contracts();
    const { signed, call } = await this.#read(contracts, raw);
    if (call?.functionName !== 'cancel') throw malformed('It does not call cancel of the governor.');
    const [id] = await governance.ask(question(contracts.governor, 'getProposalId', call.args as never));
    if (String(id) !== proposalId) throw malformed('It takes another proposal back.');
    const known = await desk.known(signed.hash);
    if (known) return known;
    if (!(await desk.isOnChain(signed.hash))) {
      const created = await this.#cancelable(proposalId, signed.from);
      await desk.assertNonce(signed);
      if (created.proposer !== signed.from) throw problem('not_proposer');
    }
    return desk.relay({ ...orderOf(signed, raw), kind: 'cancel', proposalId });
  }

  async #cancelable(proposalId: string, by?: Hex): Promise<ProposalCreated> {
    const { created, standing } = await this.#options.proposals.standing(proposalId);
    if (by !== undefined && created.proposer !== by) throw problem('not_proposer');
    if (standing.stage !== 'pending')
      throw standing.stage === 'active' || standing.stage === 'defeated'
        ? problem('stage_wrong', { detail: 'Its voting has begun.', extensions: { stage: standing.stage } })
        : wrongStage(standing.stage);
    return created;
  }

  async #names(): Promise<ParameterNames> {
    const { parameters } = this.#options;
    await parameters.refresh();
    return namesOf(await parameters.definitions());
  }

  #wordingOf({ registry }: Contracts, draft: Draft, names: ParameterNames): Wording {
    const keys = new Map([...names].map(([key, name]) => [name, key as Hex]));
    const changes = (draft.changes ?? []).map(({ name, value }) => {
      const key = keys.get(name);
      if (key === undefined)
        throw problem('parameter_unknown', { detail: `The registry has no parameter ${name}.` });
      if (BigInt(value) >= WORD) throw problem('value_out_of_bounds', { detail: `${name}: far too large.` });
      return {
        target: registry.address,
        value: 0n,
        data: question(registry, 'set', [key, BigInt(value)]).data,
      };
    });
    const calls = (draft.calls ?? []).map(({ target, value = '0', data }, at) => {
      if (BigInt(value) >= WORD)
        throw problem('proposal_malformed', { detail: `The value of call ${at + 1} is no number of wei.` });
      return { target: target as Hex, value: BigInt(value), data: data as Hex };
    });
    const actions = [...changes, ...calls];
    return {
      kind: proposalKinds.indexOf(draft.kind satisfies ProposalKind),
      level: proposalLevels.indexOf((draft.level ?? 'normal') satisfies ProposalLevel),
      targets: actions.map(({ target }) => target),
      values: actions.map(({ value }) => value),
      calldatas: actions.map(({ data }) => data),
      description: draft.description,
    };
  }

  async #judge(
    contracts: Contracts,
    { wording, proposer, names }: { wording: Wording; proposer: Hex; names: ParameterNames },
  ): Promise<void> {
    const { governance } = this.#options;
    const checks = changesOf(contracts, wording);
    for (const outcome of await governance.tryAll(checks)) {
      // A parameter may be added and set by one proposal: that it is unknown says the governor.
      const refused =
        outcome.ok || outcome.reason.name === 'ParameterUnknown' ? null : tellBounds(outcome.reason, names);
      if (refused) throw refused;
    }
    try {
      await governance.ask(judged(proposeQuestion(contracts, wording, proposer)));
    } catch (error) {
      const reason = revertOf(error);
      if (reason === null) throw error;
      throw tellProposing(reason, names) ?? unexpected(reason, error);
    }
  }

  async #idOf(
    { governor }: Contracts,
    { targets, values, calldatas, description }: Wording,
  ): Promise<string> {
    const args = [targets, values, calldatas, hashOfText(description)] as const;
    const [id] = await this.#options.governance.ask(question(governor, 'getProposalId', args));
    return String(id);
  }

  async #read({ governor }: Contracts, raw: Hex) {
    const signed = await readSignedCall(raw);
    if (signed === null) throw malformed('It cannot be read, or its signature is none.');
    if (signed.chainId !== this.#options.chainId)
      throw malformed(`It is not for chain ${this.#options.chainId}.`);
    if (signed.to !== governor.address)
      throw malformed(`It does not go to the governor, ${governor.address}.`);
    if (signed.value !== 0n) throw malformed('It sends money along.');
    return { signed, call: readCall(governor.abi, signed.data) };
  }
}

const orderOf = ({ hash, from, nonce }: SignedCall, raw: Hex) => ({
  relayId: hash,
  by: from,
  signed: { raw, nonce },
});

const proposeQuestion = ({ governor }: Contracts, wording: Wording, from: Hex) => {
  const { kind, level, targets, values, calldatas, description } = wording;
  return question(governor, 'proposeAs', [kind, level, targets, values, calldatas, description], { from });
};

/** Calls of the registry as the timelock would make them: their bounds never change, so what they refuse now they refuse then. */
const changesOf = ({ registry, timelock }: Contracts, { targets, calldatas }: Wording) =>
  targets.flatMap((to, at) =>
    to === registry.address
      ? [judged(rawQuestion({ from: timelock, to, data: calldatas[at] as Hex, abi: [] }))]
      : [],
  );
