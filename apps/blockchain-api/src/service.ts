import {
  blockchainApiContract,
  blockchainApiReadContract,
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  onSystemChainClientContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { createLimitedFront } from '@lucid/limited-front';
import { RATE_RULES } from '@lucid/rate-limit';
import { defineService, type FrontHost, type Handlers } from '@lucid/service-kit';
import { Config } from './config.ts';
import { type Context, createContext, createFullContext, type FullContext } from './context.ts';
import { anchoringHandlers, registeringHandlers } from './handlers/anchoring.ts';
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

const allHandlers: Handlers<typeof blockchainApiContract, FullContext> = {
  ...handlers,
  ...registeringHandlers,
};

/** All of it, on the network of the chain. */
export const blockchainApi = defineService({
  contract: blockchainApiContract,
  config: Config,
  uses: { ...uses, anchoring: onSystemChainClientContract },
  createContext: createFullContext,
  handlers: allHandlers,
  front: (context: FullContext, host) => front(context, host),
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
