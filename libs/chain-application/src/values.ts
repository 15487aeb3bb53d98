/** Values of the chain: bytes as `0x` and lower-case hex (hashes, addresses, data), integers, keys of maps. */
export { bytesToBigInt, type Hex, toHex as bytesToHex } from '@lucid/chain-wire';

import type { Hex } from '@lucid/chain-wire';

const text = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Throws a TypeError when the text is not `0x` and an even number of hex digits. */
export function hexToBytes(hex: string): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex))
    throw new TypeError('expected 0x and an even number of hex digits');
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
}

export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && Buffer.compare(a, b) === 0;

/** The bytes as a string of as many characters: a map key that costs no hex. */
export const bytesToKey = (bytes: Uint8Array): string => text(bytes).toString('latin1');

export const keyToBytes = (key: string): Uint8Array => {
  const bytes = new Uint8Array(key.length);
  text(bytes).write(key, 'latin1');
  return bytes;
};

/** Big-endian without leading zeros; nothing for 0. */
export function bigIntToBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

export const emptyCodeHash: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';
export const emptyTrieRoot: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
