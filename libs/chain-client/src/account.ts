/** The account that signs. Its key stays in here: no error, log or record holds it. */
import { type Hex, keccak256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { isAccountKey } from './account-key.ts';
import type { Fees } from './fees.ts';

export interface UnsignedTransaction extends Fees {
  readonly nonce: number;
  /** Null: makes a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
}

export interface ChainAccount {
  /** Lower case. */
  readonly address: Hex;
  /** EIP-1559 (type 2) bytes. The same transaction always gives the same bytes (RFC 6979). */
  sign(transaction: UnsignedTransaction): Promise<{ readonly raw: Hex; readonly hash: Hex }>;
}

/** @throws RangeError where the key is not 32 bytes in hex of a secp256k1 key. */
export function createAccount(secretKey: string, chainId: number): ChainAccount {
  if (typeof secretKey !== 'string' || !isAccountKey(secretKey))
    throw new RangeError('chain account: not a secp256k1 secret key of 64 hex digits');
  const account = privateKeyToAccount(`0x${secretKey.slice(-64).toLowerCase()}`);
  return {
    address: account.address.toLowerCase() as Hex,
    async sign(transaction) {
      const raw = await account.signTransaction({ ...transaction, chainId, type: 'eip1559' });
      return { raw, hash: keccak256(raw) };
    },
  };
}
