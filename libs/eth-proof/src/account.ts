/** What the state and storage tries hold. */
import { asCounted, asHash, asInteger, U64_BYTES, U256_BYTES } from './fields.ts';
import { decodeRlp } from './rlp.ts';

export interface Account {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  readonly storageRoot: Uint8Array;
  readonly codeHash: Uint8Array;
}

/** The value of a state trie, whose key is Keccak-256 of the address. @throws EthProofError */
export function decodeAccount(bytes: Uint8Array): Account {
  const [nonce, balance, storageRoot, codeHash] = asCounted(decodeRlp(bytes, 'account'), [4], 'account');
  return {
    nonce: asInteger(nonce, U64_BYTES, 'account.nonce'),
    balance: asInteger(balance, U256_BYTES, 'account.balance'),
    storageRoot: asHash(storageRoot, 'account.storageRoot'),
    codeHash: asHash(codeHash, 'account.codeHash'),
  };
}

/** The value of a storage trie, whose key is Keccak-256 of the slot's 32 bytes. @throws EthProofError */
export const decodeStorageValue = (bytes: Uint8Array): bigint =>
  asInteger(decodeRlp(bytes, 'storage'), U256_BYTES, 'storage');
