import type { Hex } from '@lucid/chain-client';
import type { blockchainGovernanceContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { tellGovernance } from '../domain/information.ts';
import { askingIndex } from '../problem.ts';

type All = Handlers<typeof blockchainGovernanceContract, Context>;

const readingHandlers = {
  getGovernance: (_input, _call, { governance, desk, config, hasKeeper }) =>
    tellGovernance({ governance, chainId: config.CHAIN_ID, relayer: desk.payer, hasKeeper }),
  listProposals: ({ query: { stage, proposer, ...page } }, _call, { proposals }) =>
    proposals.list({ stage, proposer }, page),
  getProposal: ({ params }, _call, { proposals }) => proposals.get(params.proposalId),
  listVotes: ({ params, query }, _call, { proposals }) => proposals.votes(params.proposalId, query),
  listTimelock: (_input, _call, { proposals }) => proposals.timelock(),
  listParameters: (_input, _call, { parameters }) => parameters.list(),
  getParameter: ({ params }, _call, { parameters }) => parameters.get(params.name),
  listParameterChanges: ({ params, query }, _call, { parameters }) => parameters.history(params.name, query),
  listNodes: ({ query }, _call, { nodes }) => nodes.list(query),
  getNode: ({ params }, _call, { nodes }) => nodes.get(params.node as Hex),
  getRelay: ({ params }, _call, { desk }) => desk.get(params.relayId),
  getStatus: (_input, _call, { indexer }) => indexer.status(),
} satisfies Partial<All>;

const takingHandlers = {
  prepareProposal: ({ body }, _call, { proposing }) => proposing.prepare(body),
  submitProposal: ({ body }, _call, { proposing }) => proposing.submit(body.raw as Hex),
  prepareVote: ({ params, body }, _call, { voting }) =>
    voting.prepare({
      proposalId: params.proposalId,
      voter: body.voter as Hex,
      support: body.support,
      reason: body.reason ?? '',
    }),
  castVote: ({ params, body }, _call, { voting }) =>
    voting.cast(
      {
        proposalId: params.proposalId,
        voter: body.voter as Hex,
        support: body.support,
        reason: body.reason ?? '',
      },
      body.signature as Hex,
    ),
  prepareCancel: ({ params }, _call, { proposing }) => proposing.prepareCancel(params.proposalId),
  cancelProposal: ({ params, body }, _call, { proposing }) =>
    proposing.cancel(params.proposalId, body.raw as Hex),
} satisfies Partial<All>;

const keepingHandlers = {
  queueProposal: ({ params }, _call, { keeping }) => keeping.take('queue', params.proposalId),
  executeProposal: ({ params }, _call, { keeping }) => keeping.take('execute', params.proposalId),
  rebuild: async (_input, _call, { indexer, indexWakeup }) => {
    await askingIndex(indexer.rebuild());
    indexWakeup.notify();
    return indexer.status();
  },
} satisfies Partial<All>;

export const governanceHandlers: All = { ...readingHandlers, ...takingHandlers, ...keepingHandlers };
