/**
 * Transactions as the chain takes them (EIP-2718: legacy, 2930, 1559, 4844 without blobs, 7702): their fields, hash and sender.
 * Strict: whatever geth's decoder refuses is refused, above all numbers with leading zeros and bytes behind the end.
 */
import { decodeRlp, EthProofError, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import type { DecodedTransaction, TransactionRefusal } from './application.ts';
import { keccak256, recoverPublicKey } from './crypto.ts';
import { bigIntToBytes, bytesToBigInt, bytesToHex, type Hex } from './values.ts';

/** The group order of secp256k1, halved: a greater s is refused (EIP-2). */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const gasPerBlob = 131_072n;
const maxUint64 = (1n << 64n) - 1n;

/** A transaction that cannot be taken, whatever the state. */
export class TransactionFault extends Error {
  readonly reason: TransactionRefusal;

  constructor(reason: TransactionRefusal, message: string) {
    super(message);
    this.name = 'TransactionFault';
    this.reason = reason;
  }
}

type Item = RlpItem;

export interface ParsedTransaction {
  readonly raw: Uint8Array;
  readonly type: number;
  /** Undefined: a legacy transaction that is valid on every chain. */
  readonly chainId: bigint | undefined;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly to: Uint8Array | null;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessListAddresses: number;
  readonly accessListSlots: number;
  readonly blobs: number;
  readonly maxFeePerBlobGas: bigint;
  readonly authorizations: number;
  readonly signature: { readonly parity: number; readonly r: Uint8Array; readonly s: Uint8Array };
  /** Hash that was signed. */
  readonly digest: Uint8Array;
}

const malformed = (what: string): TransactionFault => new TransactionFault('malformed', what);

/** geth's words (rlp/decode.go) for bytes that are no RLP. */
const wordsOfGeth: Readonly<Record<string, string>> = {
  rlp_truncated: 'value size exceeds available input length',
  rlp_trailing: 'input contains more than one value',
  rlp_not_canonical: 'non-canonical size information',
};

function decodeItem(bytes: Uint8Array): Item {
  try {
    return decodeRlp(bytes);
  } catch (error) {
    if (!(error instanceof EthProofError)) throw error;
    throw malformed(`rlp: ${wordsOfGeth[error.code] ?? 'the input holds too much'}`);
  }
}

function bytesOf(item: Item | undefined, what: string): Uint8Array {
  if (!(item instanceof Uint8Array)) throw malformed(`rlp: expected input string or byte for ${what}`);
  return item;
}

function numberOf(item: Item | undefined, what: string, bytes: number): bigint {
  const value = bytesOf(item, what);
  if (value[0] === 0) throw malformed(`rlp: non-canonical integer (leading zero bytes) for ${what}`);
  if (value.length > bytes) throw malformed(`rlp: input string too long for ${what}`);
  return bytesToBigInt(value);
}

function listOf(item: Item | undefined, what: string): readonly Item[] {
  if (item === undefined || item instanceof Uint8Array)
    throw malformed(`rlp: expected input list for ${what}`);
  return item;
}

function recipientOf(item: Item | undefined): Uint8Array | null {
  const to = bytesOf(item, 'to');
  if (to.length !== 0 && to.length !== 20) throw malformed('rlp: input string of wrong size for to');
  return to.length === 0 ? null : to;
}

function fixedOf(item: Item | undefined, what: string, length: number): Uint8Array {
  const bytes = bytesOf(item, what);
  if (bytes.length !== length) throw malformed(`rlp: input string of wrong size for ${what}`);
  return bytes;
}

function countAccessList(item: Item | undefined): { accessListAddresses: number; accessListSlots: number } {
  const entries = listOf(item, 'accessList');
  let accessListSlots = 0;
  for (const entry of entries) {
    const [address, slots, ...rest] = listOf(entry, 'accessList entry');
    fixedOf(address, 'accessList address', 20);
    if (rest.length > 0) throw malformed('rlp: input list has too many elements for accessList entry');
    for (const slot of listOf(slots, 'storageKeys')) fixedOf(slot, 'storageKey', 32);
    accessListSlots += listOf(slots, 'storageKeys').length;
  }
  return { accessListAddresses: entries.length, accessListSlots };
}

function checkAuthorizations(item: Item | undefined): number {
  const tuples = listOf(item, 'authorizationList');
  for (const tuple of tuples) {
    const fields = listOf(tuple, 'authorization');
    if (fields.length !== 6) throw malformed('rlp: wrong number of elements for authorization');
    numberOf(fields[0], 'authorization chainId', 32);
    fixedOf(fields[1], 'authorization address', 20);
    numberOf(fields[2], 'authorization nonce', 8);
    numberOf(fields[3], 'authorization yParity', 1);
    numberOf(fields[4], 'authorization r', 32);
    numberOf(fields[5], 'authorization s', 32);
  }
  return tuples.length;
}

function signatureOf(
  parity: bigint,
  r: Item | undefined,
  s: Item | undefined,
): ParsedTransaction['signature'] {
  const sNumber = numberOf(s, 's', 32);
  if (numberOf(r, 'r', 32) === 0n || sNumber === 0n || sNumber > halfOrder || parity > 1n || parity < 0n)
    throw new TransactionFault('invalid_signature', 'invalid sender: invalid transaction v, r, s values');
  return { parity: Number(parity), r: r as Uint8Array, s: s as Uint8Array };
}

function parseLegacy(raw: Uint8Array, fields: readonly Item[]): ParsedTransaction {
  if (fields.length !== 9) throw malformed('rlp: wrong number of elements for legacy transaction');
  const v = numberOf(fields[6], 'v', 32);
  const protectedChain = v >= 35n ? (v - 35n) / 2n : undefined;
  const parity = protectedChain === undefined ? v - 27n : (v - 35n) % 2n;
  const gasPrice = numberOf(fields[1], 'gasPrice', 32);
  const signed: Item[] = fields.slice(0, 6);
  if (protectedChain !== undefined)
    signed.push(bigIntToBytes(protectedChain), new Uint8Array(0), new Uint8Array(0));
  return {
    raw,
    type: 0,
    chainId: protectedChain,
    nonce: numberOf(fields[0], 'nonce', 8),
    gasLimit: numberOf(fields[2], 'gas', 8),
    maxFeePerGas: gasPrice,
    maxPriorityFeePerGas: gasPrice,
    to: recipientOf(fields[3]),
    value: numberOf(fields[4], 'value', 32),
    data: bytesOf(fields[5], 'data'),
    accessListAddresses: 0,
    accessListSlots: 0,
    blobs: 0,
    maxFeePerBlobGas: 0n,
    authorizations: 0,
    signature: signatureOf(parity, fields[7], fields[8]),
    digest: keccak256(encodeRlp(signed)),
  };
}

/** Number of fields of each typed transaction, the signature included. */
const fieldCounts: Readonly<Record<number, number>> = { 1: 11, 2: 12, 3: 14, 4: 13 };

function parseTyped(raw: Uint8Array, type: number, fields: readonly Item[]): ParsedTransaction {
  if (fields.length !== fieldCounts[type]) throw malformed('rlp: wrong number of elements for transaction');
  // Type 1 has one gas price where the later ones have a tip and a cap.
  const shift = type === 1 ? 0 : 1;
  const at = (index: number): Item | undefined => fields[index + shift];
  const tip = numberOf(fields[2], 'maxPriorityFeePerGas', 32);
  const signatureAt = fields.length - 3;
  if (type === 3)
    for (const hash of listOf(fields[10], 'blobVersionedHashes')) fixedOf(hash, 'blobVersionedHash', 32);
  const unsigned = encodeRlp(fields.slice(0, signatureAt));
  return {
    raw,
    type,
    chainId: numberOf(fields[0], 'chainId', 32),
    nonce: numberOf(fields[1], 'nonce', 8),
    maxPriorityFeePerGas: tip,
    maxFeePerGas: shift === 0 ? tip : numberOf(fields[3], 'maxFeePerGas', 32),
    gasLimit: numberOf(at(3), 'gas', 8),
    to: recipientOf(at(4)),
    value: numberOf(at(5), 'value', 32),
    data: bytesOf(at(6), 'data'),
    ...countAccessList(at(7)),
    blobs: type === 3 ? listOf(fields[10], 'blobVersionedHashes').length : 0,
    maxFeePerBlobGas: type === 3 ? numberOf(fields[9], 'maxFeePerBlobGas', 32) : 0n,
    authorizations: type === 4 ? checkAuthorizations(fields[9]) : 0,
    signature: signatureOf(
      numberOf(fields[signatureAt], 'yParity', 1),
      fields[signatureAt + 1],
      fields[signatureAt + 2],
    ),
    digest: keccak256(Buffer.concat([Uint8Array.of(type), unsigned])),
  };
}

/** Throws a TransactionFault: `malformed`, `type_not_supported` or `invalid_signature`. */
export function parseTransaction(raw: Uint8Array): ParsedTransaction {
  const type = raw[0];
  if (type === undefined) throw malformed('typed transaction too short');
  if (type < 0x80 && fieldCounts[type] === undefined)
    throw new TransactionFault('type_not_supported', 'transaction type not supported');
  const fields = listOf(decodeItem(type < 0x80 ? raw.subarray(1) : raw), 'transaction');
  return type < 0x80 ? parseTyped(raw, type, fields) : parseLegacy(raw, fields);
}

/** Address (20 bytes) of who signed; throws `invalid_signature`. */
export function senderOf(transaction: ParsedTransaction): Uint8Array {
  const { parity, r, s } = transaction.signature;
  const key = recoverPublicKey(transaction.digest, parity, r, s);
  if (key === null)
    throw new TransactionFault('invalid_signature', 'invalid sender: invalid transaction v, r, s values');
  return keccak256(key).slice(12);
}

/**
 * Sender of an encoded transaction, or null where it is none: for worker threads that recover ahead of the application. Call
 * `loadCrypto` once before, for speed.
 */
export function recoverSender(raw: Uint8Array): Hex | null {
  try {
    return bytesToHex(senderOf(parseTransaction(raw)));
  } catch (error) {
    if (error instanceof TransactionFault) return null;
    throw error;
  }
}

export const transactionCost = (transaction: ParsedTransaction): bigint =>
  transaction.gasLimit * transaction.maxFeePerGas +
  transaction.value +
  BigInt(transaction.blobs) * gasPerBlob * transaction.maxFeePerBlobGas;

export const hasLastNonce = (transaction: ParsedTransaction): boolean => transaction.nonce === maxUint64;

export function describeTransaction(
  transaction: ParsedTransaction,
  hash: Uint8Array,
  sender: Uint8Array,
): DecodedTransaction {
  return {
    hash: bytesToHex(hash),
    sender: bytesToHex(sender),
    type: transaction.type,
    nonce: transaction.nonce,
    gasLimit: transaction.gasLimit,
    maxFeePerGas: transaction.maxFeePerGas,
    maxPriorityFeePerGas: transaction.maxPriorityFeePerGas,
    to: transaction.to === null ? null : bytesToHex(transaction.to),
    value: transaction.value,
    cost: transactionCost(transaction),
    sizeBytes: transaction.raw.length,
  };
}

/** The same from an encoded transaction; throws a TransactionFault. */
export function decodeTransaction(raw: Uint8Array): DecodedTransaction {
  const transaction = parseTransaction(raw);
  return describeTransaction(transaction, keccak256(raw), senderOf(transaction));
}
