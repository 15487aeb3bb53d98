import type {
  blockchainLedgerContract,
  blockchainSessionsDataContract,
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

export function createContext({ config, clients, clock }: ContextOptions<Config, Clients>) {
  const limits = createMemoryRateLimits({ nowMs: () => clock.nowMs() });
  return { ...clients, config, limits, rpc: new ChainRpc(clients.chain), close: () => limits.close() };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
