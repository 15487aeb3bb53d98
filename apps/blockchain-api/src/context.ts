import type {
  blockchainLedgerContract,
  blockchainSessionsDataContract,
  onSystemChainClientContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import type { Client, ContextOptions } from '@lucid/service-kit';
import type { Config } from './config.ts';
import { ChainRpc } from './domain/chain-rpc.ts';

export interface Clients {
  readonly chain: Client<typeof onSystemChainContract>;
  readonly ledger: Client<typeof blockchainLedgerContract>;
  readonly sessions: Client<typeof blockchainSessionsDataContract>;
}

/** Of the face that writes, too. */
export interface FullClients extends Clients {
  readonly anchoring: Client<typeof onSystemChainClientContract>;
}

export function createContext({ config, clients, clock }: ContextOptions<Config, Clients>) {
  const limits = createMemoryRateLimits({ nowMs: () => clock.nowMs() });
  return { ...clients, config, limits, rpc: new ChainRpc(clients.chain), close: () => limits.close() };
}

export const createFullContext = (options: ContextOptions<Config, FullClients>) => ({
  ...createContext(options),
  anchoring: options.clients.anchoring,
});

export type Context = ReturnType<typeof createContext>;
export type FullContext = ReturnType<typeof createFullContext>;
