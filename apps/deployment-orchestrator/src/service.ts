import { contractDeploymentContract, deploymentOrchestratorContract } from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { planHandlers } from './handlers/plans.ts';

export const deploymentOrchestrator = defineService({
  contract: deploymentOrchestratorContract,
  config: Config,
  uses: { deployment: contractDeploymentContract },
  createContext,
  handlers: withStoreProblems(planHandlers),
  ready: ({ documents }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ worker }) => [worker],
});
