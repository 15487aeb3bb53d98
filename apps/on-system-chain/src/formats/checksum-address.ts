import { hashOf } from './keccak.ts';

/** EIP-55: a letter is a capital where the hash of the address has an 8 or more. */
export function toChecksumAddress(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = hashOf(Buffer.from(digits)).slice(2);
  return `0x${[...digits].map((digit, at) => (Number.parseInt(hash[at] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit)).join('')}`;
}
