/** Accounts as the state trie holds them: RLP [nonce, balance, storage root, code hash]. */

import { Account } from '@ethereumjs/util';
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import {
  bigIntToBytes,
  bytesEqual,
  bytesToBigInt,
  emptyCodeHash,
  emptyTrieRoot,
  hexToBytes,
} from './values.ts';

export const emptyCodeHashBytes = hexToBytes(emptyCodeHash);
export const emptyTrieRootBytes = hexToBytes(emptyTrieRoot);

export interface AccountFields {
  nonce: bigint;
  balance: bigint;
  storageRoot: Uint8Array;
  codeHash: Uint8Array;
}

/** An account of ethereumjs with these fields, not sharing changes with them. */
export const toAccount = (fields: AccountFields): Account =>
  new Account(fields.nonce, fields.balance, fields.storageRoot, fields.codeHash);

export const encodeAccount = (account: AccountFields): Uint8Array =>
  encodeRlp([
    bigIntToBytes(account.nonce),
    bigIntToBytes(account.balance),
    account.storageRoot,
    account.codeHash,
  ]);

/** Throws an Error when the bytes are no account. */
export function decodeAccount(encoded: Uint8Array): AccountFields {
  const items: unknown = decodeRlp(encoded);
  if (!Array.isArray(items) || items.length !== 4 || !items.every((item) => item instanceof Uint8Array))
    throw new Error('an account is a list of four');
  const [nonce, balance, storageRoot, codeHash] = items as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  if (storageRoot.length !== 32 || codeHash.length !== 32) throw new Error('an account has two hashes');
  return { nonce: bytesToBigInt(nonce), balance: bytesToBigInt(balance), storageRoot, codeHash };
}

export const hasCode = (account: AccountFields): boolean => !bytesEqual(account.codeHash, emptyCodeHashBytes);
