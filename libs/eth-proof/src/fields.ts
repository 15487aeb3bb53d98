/** Members of decoded RLP, each read as its kind. All throw EthProofError with the place. */
import { isBytes } from '@lucid/bytes';
import { EthProofError } from './error.ts';
import type { RlpItem } from './rlp.ts';

export const HASH_BYTES = 32;
export const ADDRESS_BYTES = 20;
export const BLOOM_BYTES = 256;
/** Sizes of integers in bytes. */
export const U64_BYTES = 8;
export const U256_BYTES = 32;

export function asBytes(item: RlpItem | undefined, at: string): Uint8Array {
  if (isBytes(item)) return item;
  throw new EthProofError('not_bytes', at, 'a list where a byte string belongs');
}

export function asSized(item: RlpItem | undefined, sizeBytes: number, at: string): Uint8Array {
  const bytes = asBytes(item, at);
  if (bytes.length === sizeBytes) return bytes;
  throw new EthProofError('wrong_size', at, `${bytes.length} bytes where ${sizeBytes} belong`);
}

export const asHash = (item: RlpItem | undefined, at: string): Uint8Array => asSized(item, HASH_BYTES, at);

export const asAddress = (item: RlpItem | undefined, at: string): Uint8Array =>
  asSized(item, ADDRESS_BYTES, at);

/** The receiver of a transaction: null where it makes a contract. */
export const asReceiver = (item: RlpItem | undefined, at: string): Uint8Array | null =>
  asBytes(item, at).length === 0 ? null : asAddress(item, at);

export function asInteger(item: RlpItem | undefined, maxBytes: number, at: string): bigint {
  const bytes = asBytes(item, at);
  if (bytes.length > maxBytes)
    throw new EthProofError('not_an_integer', at, `${bytes.length} bytes, at most ${maxBytes} are allowed`);
  if (bytes[0] === 0) throw new EthProofError('not_an_integer', at, 'an integer with leading zeros');
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

export function asList(item: RlpItem | undefined, at: string): readonly RlpItem[] {
  if (!isBytes(item) && item !== undefined) return item;
  throw new EthProofError('not_a_list', at, 'a byte string where a list belongs');
}

export function asCounted(
  item: RlpItem | undefined,
  counts: readonly number[],
  at: string,
): readonly RlpItem[] {
  const list = asList(item, at);
  if (counts.includes(list.length)) return list;
  throw new EthProofError('wrong_count', at, `${list.length} members where ${counts.join(' or ')} belong`);
}
