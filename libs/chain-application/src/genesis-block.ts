/** Block 0 and the state that it names. */
import { type Block, createBlock } from '@ethereumjs/block';
import { Account, Address } from '@ethereumjs/util';
import type { ChainConfig } from './chain-config.ts';
import { ChainState } from './chain-state.ts';
import type { Genesis } from './genesis.ts';
import { createPendingWrites, type NodeStore, type PendingWrites } from './node-store.ts';
import { emptyRootKey } from './trie.ts';
import { keyToBytes } from './values.ts';

/** geth's initial base fee, where a chain begins with EIP-1559 and names none. */
const initialBaseFee = 1_000_000_000n;

export interface GenesisState {
  readonly block: Block;
  readonly rootKey: string;
  readonly pending: PendingWrites;
}

export async function makeGenesis(
  genesis: Genesis,
  config: ChainConfig,
  store: NodeStore,
): Promise<GenesisState> {
  const pending = createPendingWrites();
  const state = new ChainState(store, emptyRootKey, pending);
  for (const account of genesis.accounts) {
    const address = new Address(account.address);
    await state.putAccount(address, new Account(account.nonce, account.balance));
    if (account.code.length > 0) await state.putCode(address, account.code);
    for (const [slot, value] of account.storage) await state.putStorage(address, slot, value);
  }
  const rootKey = await state.flush();
  const rules = config.rulesAt(0, Number(genesis.header.timestamp));
  const baseFee = rules.isActivatedEIP(1559)
    ? { baseFeePerGas: genesis.header.baseFeePerGas ?? initialBaseFee }
    : {};
  const { baseFeePerGas: _, excessBlobGas, ...header } = genesis.header;
  const blobs = rules.isActivatedEIP(4844) && excessBlobGas !== undefined ? { excessBlobGas } : {};
  const block = createBlock(
    {
      header: { ...header, ...baseFee, ...blobs, stateRoot: keyToBytes(rootKey) },
      ...(rules.isActivatedEIP(4895) ? { withdrawals: [] } : {}),
    },
    { common: rules, skipConsensusFormatValidation: true },
  );
  return { block, rootKey, pending };
}
