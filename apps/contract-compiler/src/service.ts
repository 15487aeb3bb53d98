import { contractCompilerContract } from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { compileHandlers } from './handlers/compile.ts';

export const contractCompiler = defineService({
  contract: contractCompilerContract,
  config: Config,
  createContext,
  handlers: withStoreProblems(compileHandlers),
  ready: ({ documents }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
  }),
});
