import { assertBytes } from '@lucid/bytes';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Keccak-256 as Ethereum uses it, with the padding before FIPS 202. 32 bytes. @throws TypeError where `bytes` is no Uint8Array. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  assertBytes(bytes, 'keccak256');
  return keccak_256(bytes);
}
