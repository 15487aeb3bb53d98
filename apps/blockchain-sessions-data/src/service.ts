import { blockchainLedgerContract, blockchainSessionsDataContract } from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { indexHandlers } from './handlers/index-handlers.ts';

export const blockchainSessionsData = defineService({
  contract: blockchainSessionsDataContract,
  config: Config,
  uses: { ledger: blockchainLedgerContract },
  createContext,
  handlers: withStoreProblems(indexHandlers),
  ready: ({ documents, indexer }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
    chain: () => indexer.assertReadable(),
  }),
  workers: ({ worker }) => [worker],
});
