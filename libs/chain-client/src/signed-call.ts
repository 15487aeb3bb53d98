/** What others have signed, read. */
import {
  type Abi,
  decodeFunctionData,
  type Hex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerialized,
} from 'viem';

export interface SignedCall {
  readonly hash: Hex;
  /** Absent where it holds on every chain. */
  readonly chainId: number | undefined;
  /** Lower case, like `to`. */
  readonly from: Hex;
  /** Null: it creates a contract. */
  readonly to: Hex | null;
  readonly data: Hex;
  readonly value: bigint;
  readonly nonce: number;
}

const lower = (address: string): Hex => address.toLowerCase() as Hex;

/** Null where the bytes are no signed transaction. */
export async function readSignedCall(raw: Hex): Promise<SignedCall | null> {
  try {
    const parsed = parseTransaction(raw as TransactionSerialized);
    const from = await recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized });
    return {
      hash: keccak256(raw),
      chainId: parsed.chainId,
      from: lower(from),
      to: parsed.to ? lower(parsed.to) : null,
      data: parsed.data ?? '0x',
      value: parsed.value ?? 0n,
      nonce: parsed.nonce ?? 0,
    };
  } catch {
    return null;
  }
}

/** Function and arguments of a call; null where the ABI has no such function, or the data does not fit it. */
export function readCall(
  abi: Abi,
  data: Hex,
): { readonly functionName: string; readonly args: readonly unknown[] } | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi, data });
    return { functionName, args: (args ?? []) as readonly unknown[] };
  } catch {
    return null;
  }
}
