/** Signed transactions of every type that there is (EIP-2718, 155, 2930, 1559, 4844, 7702), and how JSON-RPC shows them. */
import { bytesToBigInt, bytesToQuantity, toHex, toQuantity } from '@lucid/chain-wire';
import { RlpFault, splitList, stringOf } from './rlp-slices.ts';

/** Places of the members of a transaction's list; -1 where its type has no such member. */
interface Shape {
  readonly count: number;
  readonly chainId: number;
  readonly nonce: number;
  readonly tip: number;
  /** Gas price of types 0 and 1. */
  readonly fee: number;
  readonly gas: number;
  readonly accessList: number;
  readonly blobFee: number;
  readonly blobHashes: number;
  readonly authorizations: number;
}

const none = { chainId: -1, tip: -1, accessList: -1, blobFee: -1, blobHashes: -1, authorizations: -1 };
const typed = { ...none, chainId: 0, nonce: 1 };
const SHAPES: readonly Shape[] = [
  { ...none, count: 9, nonce: 0, fee: 1, gas: 2 },
  { ...typed, count: 11, fee: 2, gas: 3, accessList: 7 },
  { ...typed, count: 12, tip: 2, fee: 3, gas: 4, accessList: 8 },
  { ...typed, count: 14, tip: 2, fee: 3, gas: 4, accessList: 8, blobFee: 9, blobHashes: 10 },
  { ...typed, count: 13, tip: 2, fee: 3, gas: 4, accessList: 8, authorizations: 9 },
];

export interface RawTransaction {
  readonly type: number;
  readonly shape: Shape;
  /** Members as they are encoded. To, value and data follow the gas limit; v (or the parity), r and s are the last. */
  readonly members: readonly Uint8Array[];
}

/** Of a transaction that a block or the mempool holds: its signature and values were judged before. @throws RlpFault */
export function readTransaction(envelope: Uint8Array): RawTransaction {
  const first = envelope[0] ?? 0;
  const type = first >= 0xc0 ? 0 : first;
  const shape = SHAPES[type];
  if (!shape) throw new RlpFault(`transactions of type ${type} are not known`);
  const members = splitList(type === 0 ? envelope : envelope.subarray(1));
  if (members.length !== shape.count) throw new RlpFault(`a transaction has ${members.length} members`);
  return { type, shape, members };
}

const integerAt = ({ members }: RawTransaction, place: number): bigint =>
  bytesToBigInt(stringOf(members[place]));

export const nonceOf = (transaction: RawTransaction): bigint =>
  integerAt(transaction, transaction.shape.nonce);

/** Null where it makes a contract. */
export function receiverOf({ members, shape }: RawTransaction): string | null {
  const to = stringOf(members[shape.gas + 1]);
  return to.length === 0 ? null : toHex(to);
}

/** Wei per gas that its sender pays where the block's base fee is `baseFee`; undefined before London, and where it waits. */
export function effectivePriceOf(transaction: RawTransaction, baseFee: bigint | undefined): bigint {
  const { shape } = transaction;
  const fee = integerAt(transaction, shape.fee);
  if (shape.tip < 0 || baseFee === undefined) return fee;
  const withTip = baseFee + integerAt(transaction, shape.tip);
  return withTip < fee ? withTip : fee;
}

/** What of the effective price the block's producer gets. */
export const tipOf = (transaction: RawTransaction, baseFee: bigint | undefined): bigint =>
  effectivePriceOf(transaction, baseFee) - (baseFee ?? 0n);

export const blobCountOf = ({ members, shape }: RawTransaction): number =>
  shape.blobHashes < 0 ? 0 : splitList(members[shape.blobHashes] as Uint8Array).length;

/** Where a transaction is; all null while it waits. */
export interface TransactionPlace {
  readonly blockHash: string | null;
  readonly blockNumber: string | null;
  readonly blockTimestamp: string | null;
  readonly transactionIndex: string | null;
}

export const nowhere: TransactionPlace = {
  blockHash: null,
  blockNumber: null,
  blockTimestamp: null,
  transactionIndex: null,
};

export interface TransactionOptions {
  readonly hash: string;
  readonly sender: string;
  readonly place: TransactionPlace;
  /** Of its block. */
  readonly baseFee: bigint | undefined;
}

/** Transaction object of execution-apis, its members in geth's order. */
export function describeTransaction(envelope: Uint8Array, options: TransactionOptions) {
  const transaction = readTransaction(envelope);
  const { type, shape, members } = transaction;
  const { hash, sender, place, baseFee } = options;
  const quantity = (at: number) => bytesToQuantity(stringOf(members[at]));
  return {
    blockHash: place.blockHash,
    blockNumber: place.blockNumber,
    blockTimestamp: place.blockTimestamp,
    from: sender,
    gas: quantity(shape.gas),
    gasPrice: toQuantity(effectivePriceOf(transaction, baseFee)),
    ...(shape.tip < 0
      ? {}
      : { maxFeePerGas: quantity(shape.fee), maxPriorityFeePerGas: quantity(shape.tip) }),
    ...(shape.blobFee < 0 ? {} : { maxFeePerBlobGas: quantity(shape.blobFee) }),
    hash,
    input: toHex(stringOf(members[shape.gas + 3])),
    nonce: quantity(shape.nonce),
    to: receiverOf(transaction),
    transactionIndex: place.transactionIndex,
    value: quantity(shape.gas + 2),
    type: toQuantity(type),
    ...(shape.accessList < 0 ? {} : { accessList: describeAccessList(members[shape.accessList]) }),
    ...describeChainId(transaction),
    ...(shape.blobHashes < 0
      ? {}
      : { blobVersionedHashes: splitList(members[shape.blobHashes] as Uint8Array).map(hexOf) }),
    ...(shape.authorizations < 0
      ? {}
      : {
          authorizationList: splitList(members[shape.authorizations] as Uint8Array).map(
            describeAuthorization,
          ),
        }),
    v: quantity(shape.count - 3),
    r: quantity(shape.count - 2),
    s: quantity(shape.count - 1),
    ...(type === 0 ? {} : { yParity: quantity(shape.count - 3) }),
  };
}

const hexOf = (item: Uint8Array): string => toHex(stringOf(item));

/** A legacy transaction names a chain only where it is protected (EIP-155). */
function describeChainId(transaction: RawTransaction): { chainId?: string } {
  const { type, shape, members } = transaction;
  if (type > 0) return { chainId: bytesToQuantity(stringOf(members[shape.chainId])) };
  const v = integerAt(transaction, shape.count - 3);
  return v < 35n ? {} : { chainId: toQuantity((v - 35n) / 2n) };
}

const describeAccessList = (list: Uint8Array | undefined) =>
  splitList(list as Uint8Array).map((entry) => {
    const [address, keys] = splitList(entry);
    return { address: toHex(stringOf(address)), storageKeys: splitList(keys as Uint8Array).map(hexOf) };
  });

function describeAuthorization(entry: Uint8Array) {
  const [chainId, address, nonce, yParity, r, s] = splitList(entry).map(stringOf) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return {
    chainId: bytesToQuantity(chainId),
    address: toHex(address),
    nonce: bytesToQuantity(nonce),
    yParity: bytesToQuantity(yParity),
    r: bytesToQuantity(r),
    s: bytesToQuantity(s),
  };
}
