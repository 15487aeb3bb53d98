import type {
  authenticationContract,
  onSystemChainClientContract,
  sessionApiContract,
} from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import type { Client, ContextOptions } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { KeyedRequests } from './domain/keyed-requests.ts';
import { openAnswers } from './store/answers.ts';
import { createSweeper } from './workers/sweeper.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

export interface Clients {
  readonly sessions: Client<typeof sessionApiContract>;
  readonly users: Client<typeof authenticationContract>;
  readonly chain: Client<typeof onSystemChainClientContract>;
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log } = options;
  const stores = await openServiceStores({
    service: 'api-server',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const answers = await openUpon(stores, () => openAnswers(documents));
  return {
    ...clients,
    documents,
    keyed: new KeyedRequests({ answers, clock }),
    sweeper: createSweeper({ documents, everyMs: config.API_SERVER_SWEEP_MS, clock, log }),
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
