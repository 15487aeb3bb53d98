import {
  blockchainApiContract,
  blockchainApiReadContract,
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { createLimitedFront } from '@lucid/limited-front';
import { RATE_RULES } from '@lucid/rate-limit';
import { defineService, type FrontHost } from '@lucid/service-kit';
import { Config } from './config.ts';
import { type Context, createContext } from './context.ts';
import { anchoringHandlers } from './handlers/anchoring.ts';
import { blockHandlers } from './handlers/blocks.ts';
import { chainHandlers } from './handlers/chain.ts';
import { safeRpcHandler, transactionHandlers } from './handlers/transactions.ts';

const uses = {
  chain: onSystemChainContract,
  ledger: blockchainLedgerContract,
  sessions: blockchainSessionsDataContract,
};

const front = ({ limits, config }: Context, host: FrontHost) => {
  const rules = [{ ...RATE_RULES.chain_query, limit: config.CHAIN_API_QUERIES_PER_MINUTE }];
  const options = { limits, maxConnections: config.CHAIN_API_CONNECTIONS, rulesOf: () => rules };
  return createLimitedFront(options, host);
};

const handlers = { ...chainHandlers, ...blockHandlers, ...transactionHandlers, ...anchoringHandlers };

/** All of it, on the network of the chain. */
export const blockchainApi = defineService({
  contract: blockchainApiContract,
  config: Config,
  uses,
  createContext,
  handlers,
  front,
});

/** What its contract has, of the same: the rest has no route here. */
export const blockchainApiRead = defineService({
  contract: blockchainApiReadContract,
  config: Config,
  uses,
  createContext,
  handlers: { ...handlers, ...safeRpcHandler },
  front,
});
