import {
  contractCompilerContract,
  contractDeploymentContract,
  onSystemChainContract,
} from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { deploymentHandlers } from './handlers/deployments.ts';

export const contractDeployment = defineService({
  contract: contractDeploymentContract,
  config: Config,
  uses: { chain: onSystemChainContract, compiler: contractCompilerContract },
  createContext,
  handlers: withStoreProblems(deploymentHandlers),
  ready: ({ documents, account }) => ({
    chain: () => account.view.height(),
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ worker }) => [worker],
});
