import { blockchainLedgerContract, blockchainVmContract, onSystemChainContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { createRpcFront } from './front.ts';
import { chainHandlers } from './handlers/chain.ts';

export const onSystemChain = defineService({
  contract: onSystemChainContract,
  config: Config,
  uses: { vm: blockchainVmContract, ledger: blockchainLedgerContract },
  createContext,
  handlers: chainHandlers,
  ready: ({ driver }) => ({
    chain: () => {
      const { fault } = driver;
      if (fault) throw Object.assign(new Error(fault.text), { code: fault.code });
    },
  }),
  workers: ({ driver }) => [driver],
  front: createRpcFront,
});
