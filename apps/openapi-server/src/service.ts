import { openapiServerContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { servicesToAsk } from './domain/contracts.ts';
import { documentContractOf } from './domain/running-states.ts';
import { documentHandlers } from './handlers/documents.ts';
import { fileHandlers } from './handlers/files.ts';

export const openapiServer = defineService({
  contract: openapiServerContract,
  config: Config,
  uses: Object.fromEntries(servicesToAsk.map((service) => [service, documentContractOf(service)])),
  createContext,
  handlers: { ...documentHandlers, ...fileHandlers },
});
