import { blockchainVmContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { VmConfig } from './config.ts';
import { createVmContext } from './context.ts';
import { blockHandlers } from './handlers/blocks.ts';
import { executionHandlers } from './handlers/executions.ts';
import { stateHandlers } from './handlers/state.ts';
import { upkeepHandlers } from './handlers/upkeep.ts';

export const blockchainVm = defineService({
  contract: blockchainVmContract,
  config: VmConfig,
  createContext: createVmContext,
  handlers: { ...blockHandlers, ...stateHandlers, ...executionHandlers, ...upkeepHandlers },
  ready: (context) => ({ state: async () => void (await context.chain.use((chain) => chain.info())) }),
});
