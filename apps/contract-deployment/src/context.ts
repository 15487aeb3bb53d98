import type { contractCompilerContract, onSystemChainContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Account } from './domain/account.ts';
import { ContractSource } from './domain/contract-source.ts';
import { Deployments } from './domain/deployments.ts';
import { Simulations } from './domain/simulations.ts';
import { Transactions } from './domain/transactions.ts';
import { openDeploymentStore, openTransactionStore } from './store/sent-store.ts';
import { createFollowWorker } from './workers/follow-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

export interface Clients {
  readonly chain: Client<typeof onSystemChainContract>;
  readonly compiler: Client<typeof contractCompilerContract>;
}

export async function createContext({
  config,
  clients,
  adapters,
  clock,
  log,
}: ContextOptions<Config, Clients, Adapters>) {
  const stores = await openServiceStores({
    service: 'contract-deployment',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const account = await openUpon(stores, () =>
    Account.open({ config, chain: clients.chain, documents, clock }),
  );
  const deploymentStore = await openUpon(stores, () => openDeploymentStore(documents));
  const transactionStore = await openUpon(stores, () => openTransactionStore(documents));
  const source = new ContractSource(clients.compiler);
  const wakeup = new Wakeup(clock);
  const parts = { source, account, clock, log, onOpen: () => wakeup.notify() };
  const deployments = new Deployments({ ...parts, store: deploymentStore });
  const transactions = new Transactions({ ...parts, store: transactionStore });
  return {
    documents,
    account,
    source,
    deployments,
    transactions,
    simulations: new Simulations({ source, account }),
    /** How much waits for its block. */
    pending: async () => ({
      deployments: await deploymentStore.count({ index: 'open' }),
      transactions: await transactionStore.count({ index: 'open' }),
    }),
    worker: createFollowWorker({
      follow: async () => (await deployments.sending.follow()) + (await transactions.sending.follow()),
      ...{ wakeup, clock, log, pollMs: config.DEPLOYMENT_POLL_MS },
    }),
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
