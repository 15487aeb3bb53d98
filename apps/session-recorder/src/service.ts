import {
  sessionChunkerContract,
  sessionOrchestratorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { RecorderConfig } from './config.ts';
import { createRecorderContext } from './context.ts';
import { recordingHandlers } from './handlers/recording-handlers.ts';

/** Takes a terminal, a file or any byte stream and hands it on to be cut. */
export const sessionRecorder = defineService({
  contract: sessionRecorderContract,
  config: RecorderConfig,
  uses: { chunker: sessionChunkerContract, orchestrator: sessionOrchestratorContract },
  createContext: createRecorderContext,
  handlers: recordingHandlers,
  ready: ({ documents }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why ?? 'the document store is down');
    },
  }),
  workers: ({ watchdog }) => [watchdog],
});
