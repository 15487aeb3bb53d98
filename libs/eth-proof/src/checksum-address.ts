import { bytesToHex } from '@lucid/bytes';
import { keccak256 } from './keccak.ts';

/** An address (20 bytes) with the checksum in the case of its letters (EIP-55): a capital where the hash of its digits has an 8 or more. */
export function checksumAddress(address: Uint8Array): `0x${string}` {
  const digits = bytesToHex(address);
  const hash = bytesToHex(keccak256(new TextEncoder().encode(digits)));
  const cased = [...digits].map((digit, at) =>
    Number.parseInt(hash[at]!, 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join('')}`;
}
