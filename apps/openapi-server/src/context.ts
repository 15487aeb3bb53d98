import type { Client, ContextOptions } from '@lucid/service-kit';
import type { Config } from './config.ts';
import { contracts, servicesToAsk } from './domain/contracts.ts';
import { createDocuments } from './domain/documents.ts';
import { openPageFiles } from './domain/page-files.ts';
import type { DocumentContract } from './domain/running-states.ts';
import { type DocumentOf, documentOfClients, RunningStates } from './domain/running-states.ts';

export interface Adapters {
  /** The document that a service runs with, where the host knows it without asking; null where it does not run. */
  readonly documentOf: DocumentOf;
}

export type Clients = Readonly<Record<string, Client<DocumentContract>>>;

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log } = options;
  const documents = createDocuments(contracts);
  const ask = config.OPENAPI_ASK_SERVICES ? documentOfClients(clients) : undefined;
  return {
    documents,
    files: await openPageFiles(),
    running: new RunningStates({
      documents,
      services: adapters.documentOf ? documents.services : servicesToAsk,
      documentOf: adapters.documentOf ?? ask,
      keptMs: config.OPENAPI_STATE_KEPT_MS,
      clock,
      log,
    }),
    close: () => {},
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
