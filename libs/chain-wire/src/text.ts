/** Bytes and numbers in the text of Ethereum's JSON-RPC (execution-apis, base types). */

/** `0x` and lower-case hex of whole bytes. */
export type Hex = `0x${string}`;

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const toHex = (bytes: Uint8Array): Hex => `0x${view(bytes).toString('hex')}`;

/** Of text that is known to be `0x` and whole bytes. */
export const fromHex = (hex: string): Uint8Array => Buffer.from(hex.slice(2), 'hex');

/** `0x` and hex without leading zeros. */
export const toQuantity = (value: bigint | number): Hex => `0x${value.toString(16)}`;

/** Of big-endian bytes without leading zeros, as RLP has its integers. */
export const bytesToQuantity = (bytes: Uint8Array): Hex =>
  bytes.length === 0
    ? '0x0'
    : `0x${view(bytes)
        .toString('hex')
        .replace(/^0+(?=.)/, '')}`;

export const bytesToBigInt = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${view(bytes).toString('hex')}`);

/** @throws RangeError above 2^53 - 1 */
export function bytesToNumber(bytes: Uint8Array): number {
  const value = Number(bytesToBigInt(bytes));
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer above 2^53 - 1');
  return value;
}
