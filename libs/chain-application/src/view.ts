/** Reading the state of a committed block. */
import type { Block } from '@ethereumjs/block';
import { Address } from '@ethereumjs/util';
import { decodeRlp } from '@lucid/eth-proof';
import { decodeAccount } from './account-rlp.ts';
import type { AccountProof, AccountState, StateAt } from './application.ts';
import type { ChainConfig } from './chain-config.ts';
import { ChainState } from './chain-state.ts';
import type { ChainStore } from './chain-store.ts';
import { keccak256 } from './crypto.ts';
import { ChainError } from './error.ts';
import { decodeBlock } from './import-block.ts';
import type { NodeStore } from './node-store.ts';
import { Trie } from './trie.ts';
import {
  bytesToBigInt,
  bytesToHex,
  bytesToKey,
  emptyCodeHash,
  emptyTrieRoot,
  type Hex,
  hexToBytes,
} from './values.ts';

export interface StateView {
  readonly block: Block;
  readonly rootKey: string;
}

const addressBytes = (address: Hex): Uint8Array => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address))
    throw new ChainError('request_invalid', 'an address has 20 bytes');
  return hexToBytes(address);
};

export const slotBytes = (slot: bigint): Uint8Array => {
  if (slot < 0n || slot >> 256n !== 0n) throw new ChainError('request_invalid', 'a slot has 32 bytes');
  return hexToBytes(`0x${slot.toString(16).padStart(64, '0')}`);
};

const noAccount = { nonce: 0n, balance: 0n, codeHash: emptyCodeHash, storageRoot: emptyTrieRoot };

export class StateReader {
  readonly #store: NodeStore;

  constructor(store: NodeStore) {
    this.#store = store;
  }

  async account(view: StateView, address: Hex): Promise<AccountState> {
    const encoded = await new Trie(this.#store, view.rootKey).get(keccak256(addressBytes(address)));
    return this.#describe(encoded);
  }

  #describe(encoded: Uint8Array | null): AccountState {
    if (encoded === null) return { exists: false, ...noAccount };
    try {
      const account = decodeAccount(encoded);
      return {
        exists: true,
        nonce: account.nonce,
        balance: account.balance,
        codeHash: bytesToHex(account.codeHash),
        storageRoot: bytesToHex(account.storageRoot),
      };
    } catch (cause) {
      throw new ChainError('state_damaged', 'an account cannot be read', { cause });
    }
  }

  async code(view: StateView, address: Hex): Promise<Uint8Array> {
    const state = new ChainState(this.#store, view.rootKey);
    return Uint8Array.from(await state.getCode(new Address(addressBytes(address))));
  }

  async storage(view: StateView, address: Hex, slot: bigint): Promise<Hex> {
    const state = new ChainState(this.#store, view.rootKey);
    const value = await state.getStorage(new Address(addressBytes(address)), slotBytes(slot));
    return `0x${bytesToHex(value).slice(2).padStart(64, '0')}`;
  }

  async proof(view: StateView, address: Hex, slots: readonly bigint[]): Promise<AccountProof> {
    const trie = new Trie(this.#store, view.rootKey);
    const key = keccak256(addressBytes(address));
    const account = this.#describe(await trie.get(key));
    const storage = new Trie(this.#store, bytesToKey(hexToBytes(account.storageRoot)));
    const storageProof = [];
    for (const slot of slots) {
      const slotKey = keccak256(slotBytes(slot));
      const encoded = await storage.get(slotKey);
      const value = encoded === null ? 0n : bytesToBigInt(decodeRlp(encoded) as Uint8Array);
      storageProof.push({ slot, value, proof: (await storage.prove(slotKey)).map(bytesToHex) });
    }
    return {
      address: bytesToHex(addressBytes(address)),
      ...account,
      accountProof: (await trie.prove(key)).map(bytesToHex),
      storageProof,
    };
  }
}

export interface ViewSource {
  readonly head: () => { readonly block: Block; readonly height: number; readonly oldestState: number };
  readonly chainStore: ChainStore;
  readonly config: ChainConfig;
}

/** `state_unknown` where the block or its state is not kept. */
export async function openView(source: ViewSource, at: StateAt = {}): Promise<StateView> {
  const { block, height, oldestState } = source.head();
  const wanted = at.height ?? height;
  if (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > height || wanted < oldestState)
    throw new ChainError('state_unknown', `block ${wanted}`);
  const found = wanted === height ? block : await readBlock(source, wanted);
  if (found === null) throw new ChainError('state_unknown', `block ${wanted}`);
  return { block: found, rootKey: bytesToKey(found.header.stateRoot) };
}

/** A block that was committed here; null where it is not kept. */
export async function readBlock(
  source: Pick<ViewSource, 'chainStore' | 'config'>,
  height: number,
): Promise<Block | null> {
  const blockRlp = await source.chainStore.blockRlp(height);
  if (blockRlp === null) return null;
  try {
    return decodeBlock(blockRlp, source.config);
  } catch (cause) {
    throw new ChainError('state_damaged', `block ${height} cannot be read`, { cause });
  }
}
