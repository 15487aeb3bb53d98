import {
  blockchainGovernanceContract,
  blockchainLedgerContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { createLimitedFront } from '@lucid/limited-front';
import { RATE_RULES } from '@lucid/rate-limit';
import { defineService, type FrontHost, type RawRequest, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { type Context, createContext } from './context.ts';
import { governanceHandlers } from './handlers/governance-handlers.ts';

/** What is handed in or judged is executed on the chain's state: fewer of those than of reads. */
const front = ({ limits, config }: Context, host: FrontHost) => {
  const queries = { ...RATE_RULES.chain_query, limit: config.GOVERNANCE_QUERIES_PER_MINUTE };
  const writes = {
    ...RATE_RULES.chain_query,
    name: 'governance_writes',
    limit: config.GOVERNANCE_WRITES_PER_MINUTE,
  };
  const rulesOf = ({ method }: RawRequest) =>
    method === 'GET' || method === 'HEAD' ? [queries] : [queries, writes];
  return createLimitedFront({ limits, maxConnections: config.GOVERNANCE_CONNECTIONS, rulesOf }, host);
};

export const blockchainGovernance = defineService({
  contract: blockchainGovernanceContract,
  config: Config,
  uses: { ledger: blockchainLedgerContract, chain: onSystemChainContract },
  createContext,
  handlers: withStoreProblems(governanceHandlers),
  front,
  ready: ({ documents, governance, indexer }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
    governance: () => governance.contracts(),
    chain: () => indexer.assertReadable(),
  }),
  workers: ({ workers }) => workers,
});
