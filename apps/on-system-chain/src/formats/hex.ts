/** Bytes and numbers in the text of Ethereum's JSON-RPC (execution-apis, base types). */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** `0x` and lower-case hex. */
export const toHex = (bytes: Uint8Array): string => `0x${view(bytes).toString('hex')}`;

/** Of text that is known to be `0x` and whole bytes. */
export const fromHex = (hex: string): Uint8Array => Buffer.from(hex.slice(2), 'hex');

export const toQuantity = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Of big-endian bytes without leading zeros, as RLP has its integers. */
export const bytesToQuantity = (bytes: Uint8Array): string =>
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
