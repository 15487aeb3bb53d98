import { serverToolsContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { diagnosticHandlers } from './handlers/diagnostics.ts';
import { mongoHandlers } from './handlers/mongo.ts';

export const serverTools = defineService({
  contract: serverToolsContract,
  config: Config,
  createContext,
  handlers: { ...diagnosticHandlers, ...mongoHandlers },
  ready: ({ database, folder }) => ({
    mongodb: () => database.nowMs(),
    backups: () => folder.prepare(),
  }),
  workers: ({ workers }) => workers,
});
