import { blockchainSessionsDataContract } from '@lucid/contracts';
import { commandsOf } from '@lucid/service-kit';

const command = commandsOf(blockchainSessionsDataContract);

export const commands = {
  'index status': command({
    summary: 'how far the index of the chain is',
    run: (_given, { client }) => client.getStatus(),
  }),
  'index rebuild': command({
    summary: 'forgets the index and makes it anew from block 0',
    run: (_given, { client }) => client.rebuild(),
  }),
};
