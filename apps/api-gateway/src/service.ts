import { apiGatewayContract, gatewayRoutes } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { createGatewayFront } from './front.ts';

export const apiGateway = defineService({
  contract: apiGatewayContract,
  config: Config,
  judgesAccounts: true,
  forwardsTo: [...new Set(gatewayRoutes.map(({ service }) => service))],
  createContext,
  handlers: {},
  ready: ({ limits }) => ({
    limits: async () => {
      const { ok, why } = await limits.counted.check();
      if (!ok) throw new Error(why);
    },
  }),
  workers: ({ housekeeping }) => [housekeeping],
  front: createGatewayFront,
});
