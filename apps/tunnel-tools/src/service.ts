import { tunnelToolsContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { reachableServices } from './domain/targets.ts';
import { onionHandlers } from './handlers/onions.ts';
import { torHandlers } from './handlers/tor.ts';
import { tunnelHandlers } from './handlers/tunnels.ts';

export const tunnelTools = defineService({
  contract: tunnelToolsContract,
  config: Config,
  forwardsTo: reachableServices,
  createContext,
  handlers: { ...onionHandlers, ...tunnelHandlers, ...torHandlers },
  ready: ({ registry, link }) => ({
    registry: () => registry.load(),
    tor: async () => (await link.control()).info('version'),
  }),
  workers: ({ worker }) => [worker],
});
