import { toHex } from '@lucid/chain-wire';
import { encodeRlp, keccak256 } from '@lucid/eth-proof';

/** Keccak-256 as `0x` and hex. */
export const hashOf = (bytes: Uint8Array): string => toHex(keccak256(bytes));

/** Address of the contract that a sender's transaction of this nonce makes: the last 20 bytes of the hash of both. */
export const contractAddressOf = (sender: Uint8Array, nonceBytes: Uint8Array): string =>
  toHex(keccak256(encodeRlp([sender, nonceBytes])).subarray(12));
