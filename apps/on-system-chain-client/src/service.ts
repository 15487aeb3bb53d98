import {
  blockchainLedgerContract,
  onSystemChainClientContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { anchorHandlers } from './handlers/anchors.ts';

export const onSystemChainClient = defineService({
  contract: onSystemChainClientContract,
  config: Config,
  uses: { ledger: blockchainLedgerContract, chain: onSystemChainContract },
  createContext,
  handlers: withStoreProblems(anchorHandlers),
  ready: ({ documents, onChain }) => ({
    ...(onChain && { chain: (signal: AbortSignal) => onChain.check(signal) }),
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ worker }) => [worker],
});
