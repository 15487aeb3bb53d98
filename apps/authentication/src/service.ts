import { authenticationContract, onSystemChainClientContract } from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { administrationHandlers } from './handlers/administration.ts';
import { ownAccountHandlers } from './handlers/own-account.ts';
import { signInHandlers } from './handlers/sign-in.ts';

export const authentication = defineService({
  contract: authenticationContract,
  config: Config,
  uses: { chain: onSystemChainClientContract },
  createContext,
  handlers: withStoreProblems({ ...signInHandlers, ...ownAccountHandlers, ...administrationHandlers }),
  ready: ({ tables, limits, anchoring }) => ({
    documents: async () => {
      const { ok, why } = await tables.documents.check();
      if (!ok) throw new Error(why);
    },
    limits: async () => {
      const { ok, why } = await limits.check();
      if (!ok) throw new Error(why);
    },
    ledger: () => anchoring.assertReached(),
  }),
  workers: ({ workers }) => workers,
});
