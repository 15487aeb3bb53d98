/** Signed transactions as the transactions trie holds them: legacy ones and types 1 to 4, without blobs. Who signed is not recovered. */
import { assertBytes } from '@lucid/bytes';
import { splitTyped } from './envelope.ts';
import { EthProofError } from './error.ts';
import { asBytes, asCounted, asInteger, asList, asReceiver, U64_BYTES, U256_BYTES } from './fields.ts';
import { keccak256 } from './keccak.ts';
import { decodeRlp } from './rlp.ts';

export interface Transaction {
  /** 0 for a legacy one. */
  readonly type: number;
  readonly hash: Uint8Array;
  /** Null where it is signed for every chain (legacy, before EIP-155). */
  readonly chainId: bigint | null;
  readonly nonce: bigint;
  /** 20 bytes; null where it makes a contract. */
  readonly to: Uint8Array | null;
  /** Wei. */
  readonly value: bigint;
  readonly data: Uint8Array;
}

interface Shape {
  readonly members: number;
  /** Where the receiver stands; value and data follow. */
  readonly to: number;
  /** Where the access list stands, if the type has one. */
  readonly accessList: number;
}

/** By type. Chain id and nonce come first in each typed one, v (the parity), r and s last in all. */
const SHAPES: readonly Shape[] = [
  { members: 9, to: 3, accessList: -1 },
  { members: 11, to: 4, accessList: 7 },
  { members: 12, to: 5, accessList: 8 },
  { members: 14, to: 5, accessList: 8 },
  { members: 13, to: 5, accessList: 8 },
];

/** EIP-155: v = 35 or 36 + 2 chain id; before, 27 or 28. */
function chainIdOfV(v: bigint): bigint | null {
  if (v === 27n || v === 28n) return null;
  if (v >= 35n) return (v - 35n) / 2n;
  throw new EthProofError('wrong_value', 'transaction.v', `${v} where 27, 28 or at least 35 belongs`);
}

/** @throws EthProofError */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  assertBytes(bytes, 'decodeTransaction');
  const { type, payload } = splitTyped(bytes, 'transaction');
  const shape = SHAPES[type]!;
  const items = asCounted(decodeRlp(payload, 'transaction'), [shape.members], 'transaction');
  const v = asInteger(items.at(-3), U256_BYTES, 'transaction.v');
  for (const [name, item] of [['r', items.at(-2)] as const, ['s', items.at(-1)] as const])
    asInteger(item, U256_BYTES, `transaction.${name}`);
  if (type > 0 && v > 1n)
    throw new EthProofError('wrong_value', 'transaction.yParity', `${v} where 0 or 1 belongs`);
  if (shape.accessList >= 0) asList(items[shape.accessList], 'transaction.accessList');
  return {
    type,
    hash: keccak256(bytes),
    chainId: type === 0 ? chainIdOfV(v) : asInteger(items[0], U256_BYTES, 'transaction.chainId'),
    nonce: asInteger(items[type === 0 ? 0 : 1], U64_BYTES, 'transaction.nonce'),
    to: asReceiver(items[shape.to], 'transaction.to'),
    value: asInteger(items[shape.to + 1], U256_BYTES, 'transaction.value'),
    data: asBytes(items[shape.to + 2], 'transaction.data'),
  };
}
