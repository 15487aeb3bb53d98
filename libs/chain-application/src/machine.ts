/** An EVM of one fork over one state. Making one takes a millisecond, so they are kept and given other states. */
import type { Common } from '@ethereumjs/common';
import type { EVM, EVMMockBlockchainInterface } from '@ethereumjs/evm';
import { createVM, type VM } from '@ethereumjs/vm';
import type { ChainState } from './chain-state.ts';
import { loadOnPointEvaluation } from './kzg.ts';
import { createLeanEvm } from './lean-evm.ts';

/** Hash of a block of the chain by its height: what BLOCKHASH asks for. */
export type BlockHashes = (height: number) => Promise<Uint8Array>;

export interface Machine {
  readonly vm: VM;
  readonly evm: EVM;
  readonly state: ChainState;
  readonly rules: Common;
}

export function blockHashSource(hashAt: BlockHashes): EVMMockBlockchainInterface {
  const source: EVMMockBlockchainInterface = {
    getBlock: async (height) => {
      const hash = await hashAt(height);
      return { hash: () => hash };
    },
    putBlock: async () => undefined,
    shallowCopy: () => source,
  };
  return source;
}

export async function createMachine(rules: Common, state: ChainState, hashAt: BlockHashes): Promise<Machine> {
  const blockchain = blockHashSource(hashAt);
  const evm = await createLeanEvm({ common: rules, stateManager: state, blockchain });
  loadOnPointEvaluation(evm);
  const vm = await createVM({ common: rules, stateManager: state, blockchain, evm });
  return { vm, evm, state, rules };
}
