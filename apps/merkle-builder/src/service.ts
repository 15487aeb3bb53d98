import { merkleBuilderContract } from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { proofHandlers } from './handlers/proofs.ts';
import { treeHandlers } from './handlers/trees.ts';

export const merkleBuilder = defineService({
  contract: merkleBuilderContract,
  config: Config,
  createContext,
  handlers: withStoreProblems({ ...treeHandlers, ...proofHandlers }),
  ready: ({ store }) => ({
    documents: async () => {
      const { ok, why } = await store.documents.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ checkpointWorker }) => [checkpointWorker],
});
