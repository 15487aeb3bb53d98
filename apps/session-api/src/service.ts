import {
  merkleBuilderContract,
  sessionApiContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { controlHandlers } from './handlers/control.ts';
import { evidenceHandlers } from './handlers/evidence.ts';
import { policyHandlers } from './handlers/policy.ts';
import { sessionHandlers } from './handlers/sessions.ts';

export const sessionApi = defineService({
  contract: sessionApiContract,
  config: Config,
  uses: {
    orchestrator: sessionOrchestratorContract,
    recorder: sessionRecorderContract,
    encryptor: sessionEncryptorContract,
    merkle: merkleBuilderContract,
  },
  createContext,
  handlers: { ...sessionHandlers, ...controlHandlers, ...evidenceHandlers, ...policyHandlers },
  ready: ({ documents, dependencies }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
    limits: async () => {
      const { ok, why } = await dependencies.limits.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ workers }) => workers,
});
