/** Votes: judged by the governor before anything is signed or paid for. */
import { type Hex, question } from '@lucid/chain-client';
import { type VoteType, voteTypes } from '@lucid/chain-contracts';
import type { Relay, TypedVote } from '@lucid/contracts';
import { KeyedQueue } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { type Governance, judged } from './contracts.ts';
import { hashOfCall } from './hashes.ts';
import { revertOf, tellVoting, unexpected } from './refusals.ts';
import type { RelayDesk } from './relay-desk.ts';

export interface VoteOrder {
  readonly proposalId: string;
  readonly voter: Hex;
  readonly support: VoteType;
  /** Empty: none. */
  readonly reason: string;
}

interface VotingOptions {
  readonly governance: Governance;
  readonly desk: RelayDesk;
}

const uint = 'uint256';
const domainFields = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: uint },
  { name: 'verifyingContract', type: 'address' },
];
const ballotFields = [
  { name: 'proposalId', type: uint },
  { name: 'support', type: 'uint8' },
  { name: 'voter', type: 'address' },
  { name: 'nonce', type: uint },
];
const reasonFields = [
  { name: 'reason', type: 'string' },
  { name: 'params', type: 'bytes' },
];
const NO_PARAMS: Hex = '0x';

const supportOf = (support: VoteType): number => voteTypes.indexOf(support);

export class Voting {
  readonly #options: VotingOptions & { readonly chainId: number };
  /** Votes of one node come one after the other: each uses up the nonce that the next one is signed with. */
  readonly #turns = new KeyedQueue();

  constructor(options: VotingOptions & { readonly chainId: number }) {
    this.#options = options;
  }

  /**
   * What the voter signs (EIP-712): a Ballot, with a reason an ExtendedBallot.
   * @throws ProblemError proposal_unknown, not_eligible, already_voted, voting_not_begun, voting_over, relay_busy, governance_absent, chain_unavailable
   */
  async prepare({ proposalId, voter, support, reason }: VoteOrder): Promise<Static<typeof TypedVote>> {
    const { governance, desk, chainId } = this.#options;
    const { governor, domain } = await governance.contracts();
    const id = BigInt(proposalId);
    if (await desk.isBusy(voter)) throw problem('relay_busy');
    const cast = question(governor, 'castVote', [id, supportOf(support)], { from: voter });
    await this.#judge(() => governance.ask(judged(cast)));
    const [nonce] = await governance.ask(question(governor, 'nonces', [voter]));
    const hasReason = reason !== '';
    return {
      domain: { ...domain, chainId, verifyingContract: governor.address },
      types: {
        EIP712Domain: domainFields,
        ...(hasReason ? { ExtendedBallot: [...ballotFields, ...reasonFields] } : { Ballot: ballotFields }),
      },
      primaryType: hasReason ? 'ExtendedBallot' : 'Ballot',
      message: {
        ...{ proposalId, support: supportOf(support), voter, nonce: String(nonce) },
        ...(hasReason ? { reason, params: NO_PARAMS } : {}),
      },
    };
  }

  /** @throws ProblemError as `prepare`, signature_wrong, relaying_off, relayer_funds; DocumentStoreError */
  async cast(order: VoteOrder, signature: Hex): Promise<Static<typeof Relay>> {
    const { governance, desk } = this.#options;
    const { governor } = await governance.contracts();
    const { voter, proposalId, reason } = order;
    const vote = [BigInt(proposalId), supportOf(order.support), voter] as const;
    const asked =
      reason === ''
        ? question(governor, 'castVoteBySig', [...vote, signature])
        : question(governor, 'castVoteWithReasonAndParamsBySig', [...vote, reason, NO_PARAMS, signature]);
    const relayId = hashOfCall(asked);
    return this.#turns.run(voter, async () => {
      const known = await desk.known(relayId);
      if (known) return known;
      const from = desk.assertPayer();
      if (await desk.isBusy(voter)) throw problem('relay_busy');
      const paid = judged({ ...asked, from });
      const gas = await this.#judge(async () => {
        await governance.ask(paid);
        return governance.gasOf(paid);
      }, order);
      const call = { to: asked.to, data: asked.data, gas };
      return desk.relay({ relayId, kind: 'vote', proposalId, by: voter, call });
    });
  }

  async #judge<T>(work: () => Promise<T>, order?: VoteOrder): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const reason = revertOf(error);
      if (reason === null) throw error;
      // A vote that counted has used up the nonce of its signature.
      if (order && reason.name === 'GovernorInvalidSignature' && (await this.#hasVoted(order)))
        throw problem('already_voted', { cause: error });
      throw tellVoting(reason) ?? unexpected(reason, error);
    }
  }

  async #hasVoted({ proposalId, voter }: VoteOrder): Promise<boolean> {
    const { governor } = await this.#options.governance.contracts();
    const [hasVoted] = await this.#options.governance.ask(
      question(governor, 'hasVoted', [BigInt(proposalId), voter]),
    );
    return hasVoted;
  }
}
