import {
  apiServerContract,
  authenticationContract,
  onSystemChainClientContract,
  sessionApiContract,
} from '@lucid/contracts';
import { defineService, withStoreProblems } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { chainHandlers } from './handlers/chain.ts';
import { controlHandlers } from './handlers/control.ts';
import { metaHandlers } from './handlers/meta.ts';
import { policyHandlers } from './handlers/policies.ts';
import { sessionHandlers } from './handlers/sessions.ts';
import { userHandlers } from './handlers/users.ts';

export const apiServer = defineService({
  contract: apiServerContract,
  config: Config,
  uses: {
    sessions: sessionApiContract,
    users: authenticationContract,
    chain: onSystemChainClientContract,
  },
  createContext,
  handlers: withStoreProblems({
    ...sessionHandlers,
    ...controlHandlers,
    ...chainHandlers,
    ...policyHandlers,
    ...userHandlers,
    ...metaHandlers,
  }),
  ready: ({ documents }) => ({
    documents: async () => {
      const { ok, why } = await documents.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ sweeper }) => [sweeper],
});
