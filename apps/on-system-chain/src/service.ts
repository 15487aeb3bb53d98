import { blockchainLedgerContract, blockchainVmContract, onSystemChainContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import type { Fault } from './chain/clock-judge.ts';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { createRpcFront } from './front.ts';
import { chainHandlers } from './handlers/chain.ts';

function assertNone(fault: Fault | null): void {
  if (fault) throw Object.assign(new Error(fault.text), { code: fault.code });
}

export const onSystemChain = defineService({
  contract: onSystemChainContract,
  config: Config,
  uses: {
    vm: blockchainVmContract,
    ledger: blockchainLedgerContract,
    // Clients of their own: what strangers ask may be slow, and must not break the circuit of those that make blocks.
    askedVm: blockchainVmContract,
    askedLedger: blockchainLedgerContract,
  },
  createContext,
  handlers: chainHandlers,
  ready: ({ driver, peers }) => ({
    chain: () => assertNone(driver.fault),
    peers: () => assertNone(peers.fault()),
  }),
  workers: ({ driver, peers }) => [driver, ...peers.workers],
  front: createRpcFront,
});
