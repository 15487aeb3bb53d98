/**
 * Keccak-256 and public key recovery by WebAssembly (hash-wasm, libsecp256k1), behind the interface that ethereumjs takes. Five to
 * seven times as fast as the portable code; the portable Keccak answers until `loadCrypto` has settled.
 */
import type { CustomCrypto } from '@ethereumjs/common';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { createKeccak, type IHasher } from 'hash-wasm';
import { recover } from 'tiny-secp256k1';
import { pointEvaluation } from './kzg.ts';

let hasher: IHasher | undefined;

/** Loads the WebAssembly of Keccak once; a second call does nothing. */
export async function loadCrypto(): Promise<void> {
  hasher ??= await createKeccak(256);
}

/** The result is the caller's own. */
export function keccak256(message: Uint8Array): Uint8Array {
  if (hasher === undefined) return keccak_256(message);
  return hasher.init().update(message).digest('binary');
}

/**
 * Public key (64 bytes, X and Y) of a signature, or null where there is none. `parity` is 0 or 1; r and s are big-endian
 * without regard to leading zeros. A high s is no fault here.
 */
export function recoverPublicKey(
  digest: Uint8Array,
  parity: number,
  r: Uint8Array,
  s: Uint8Array,
): Uint8Array | null {
  if ((parity !== 0 && parity !== 1) || r.length > 32 || s.length > 32) return null;
  const signature = new Uint8Array(64);
  signature.set(r, 32 - r.length);
  signature.set(s, 64 - s.length);
  try {
    return recover(digest, signature, parity, false)?.subarray(1) ?? null;
  } catch {
    // It throws for an r or s that is zero or not below the group's order.
    return null;
  }
}

/** Recovery parameter of a signature's v: 27 and 28, EIP-155's, or the parity itself. */
function parityOf(v: bigint, chainId?: bigint): number {
  if (v === 0n || v === 1n) return Number(v);
  return Number(chainId === undefined ? v - 27n : v - (chainId * 2n + 35n));
}

/** What ethereumjs calls instead of its portable code. */
export const fastCrypto: CustomCrypto = {
  keccak256,
  kzg: pointEvaluation,
  ecrecover(digest, v, r, s, chainId) {
    const key = recoverPublicKey(digest, parityOf(v, chainId), r, s);
    if (key === null) throw new Error('Invalid signature');
    return key;
  },
};
