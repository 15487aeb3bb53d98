import {
  merkleBuilderContract,
  onSystemChainClientContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { evidenceHandlers } from './handlers/evidence.ts';
import { sessionHandlers } from './handlers/sessions.ts';

export const sessionOrchestrator = defineService({
  contract: sessionOrchestratorContract,
  config: Config,
  uses: {
    recorder: sessionRecorderContract,
    encryptor: sessionEncryptorContract,
    merkle: merkleBuilderContract,
    chain: onSystemChainClientContract,
  },
  createContext,
  handlers: { ...sessionHandlers, ...evidenceHandlers },
  ready: ({ dependencies }) => ({
    documents: async () => {
      const { ok, why } = await dependencies.store.documents.check();
      if (!ok) throw new Error(why);
    },
    chunks: () => dependencies.chunks.check(),
  }),
  workers: ({ workers }) => workers,
});
