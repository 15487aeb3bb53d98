import { blockchainGovernanceContract } from '@lucid/contracts';
import { commandsOf } from '@lucid/service-kit';

const command = commandsOf(blockchainGovernanceContract);
const proposalOf = (positionals: readonly string[]) => ({ params: { proposalId: positionals[0] ?? '' } });

export const commands = {
  'proposal queue': command({
    usage: 'PROPOSAL',
    summary: 'puts a proposal that has passed into the timelock',
    positionals: 1,
    run: ({ positionals }, { client }) => client.queueProposal(proposalOf(positionals)),
  }),
  'proposal execute': command({
    usage: 'PROPOSAL',
    summary: 'does what a proposal says, once its timelock is over',
    positionals: 1,
    run: ({ positionals }, { client }) => client.executeProposal(proposalOf(positionals)),
  }),
  'index status': command({
    summary: 'how far the index of the chain is',
    run: (_given, { client }) => client.getStatus(),
  }),
  'index rebuild': command({
    summary: 'forgets the index and makes it anew from block 0',
    run: (_given, { client }) => client.rebuild(),
  }),
};
