import { keccak256 } from './crypto.ts';
import { bytesToHex, type Hex } from './values.ts';

/** An address with the checksum in the case of its letters (EIP-55), as geth writes it in its messages. */
export function checksumAddress(address: Uint8Array): Hex {
  const digits = bytesToHex(address).slice(2);
  const hash = bytesToHex(keccak256(new TextEncoder().encode(digits))).slice(2);
  const cased = [...digits].map((digit, index) =>
    Number.parseInt(hash[index]!, 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join('')}`;
}
