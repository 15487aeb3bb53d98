/**
 * Messages signed by a TRON key, version 2 (TIP-191, https://github.com/tronprotocol/tips/blob/master/tip-191.md; `signMessageV2` of wallets):
 *
 *     digest    = keccak256("\x19TRON Signed Message:\n" || length of the message in bytes, decimal || message)
 *     signature = r (32 bytes) || s (32 bytes) || v (1 byte), secp256k1 over the digest, as 130 hex digits, 0x before them or not
 *
 * v is 27 or 28. 0 and 1, the bare recovery id that some signers return (java-tron takes both in transactions, tronweb in messages), are
 * taken as 27 and 28: they recover the same key. Everything else is refused: 2, 3, 29, 30 (r beyond the order of the group, which no
 * wallet makes), EIP-155 values, the 64 bytes of EIP-2098. s is in the lower half only, so that nobody can make a second r and s from
 * the first. Still one signature has several texts (0x, case of the digits, v): never take the text of a signature for an identity.
 *
 * Version 1 (`signMessage` of old wallets) always writes "32" where version 2 writes the length. It is not offered here; its signature
 * recovers the address of nobody. One overlap lies in the scheme itself: over a message of 32 bytes both digests are one, and over a
 * message whose length begins with 32 (320 to 329, 3200 to 3299 bytes) a version 1 signature over the further digit and the message is
 * also one of version 2. In both cases the key's owner signed that very text.
 */
import { assertText, bytesToHex, concatBytes, hexToBytes, isBytes, utf8ToBytes } from '@lucid/bytes';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { assertSecretKey, uncompressedKeyToAddress } from './address.ts';

/** Why no signer can be told, in the order of the checks. Closed set. */
export type SignatureFault =
  /** Not 65 bytes. */
  | 'signature-length'
  /** Something else than hex digits. */
  | 'signature-alphabet'
  /** v is none of 27, 28, 0, 1. */
  | 'signature-v'
  /** r or s is 0, or not below the order of the group. */
  | 'signature-range'
  /** s is in the upper half: the signature was altered, or made by what no wallet uses. */
  | 'signature-high-s'
  /** No point of the curve has this r, or the key would be the point at infinity. */
  | 'signature-unrecoverable';

export type RecoveredSigner =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly why: SignatureFault };

const PREFIX = utf8ToBytes('\x19TRON Signed Message:\n');
const SCALAR_SIZE_BYTES = 32;
const SIGNATURE_SIZE_BYTES = 65;
const HEX = /^[0-9a-fA-F]*$/;
const RECOVERY_OF_V: ReadonlyMap<number, 0 | 1> = new Map([
  [27, 0],
  [28, 1],
  [0, 0],
  [1, 1],
]);

const scalarAt = (bytes: Uint8Array, at: number): bigint =>
  BigInt(`0x${bytesToHex(bytes.subarray(at, at + SCALAR_SIZE_BYTES))}`);

/**
 * The 32 bytes that `signMessageV2` signs.
 *
 * @param message Text is taken as UTF-8, also where it looks like hex.
 * @throws TypeError where it is neither text nor bytes; RangeError where the text holds a lone surrogate.
 */
export function messageDigest(message: string | Uint8Array): Uint8Array {
  if (!isBytes(message) && typeof message !== 'string') {
    throw new TypeError('messageDigest: expected string or Uint8Array');
  }
  const bytes = typeof message === 'string' ? utf8ToBytes(message) : message;
  return keccak_256(concatBytes(PREFIX, utf8ToBytes(String(bytes.length)), bytes));
}

/**
 * Signs as `signMessageV2` does: deterministic (RFC 6979), low s, v 27 or 28.
 *
 * @returns 0x and 130 lower-case hex digits.
 * @throws TypeError, RangeError where the message has no digest or the secret key is no key.
 */
export function signMessage(secretKey: Uint8Array, message: string | Uint8Array): string {
  assertSecretKey(secretKey, 'signMessage');
  const digest = messageDigest(message);
  const signed = secp256k1.sign(digest, secretKey, { prehash: false, lowS: true, format: 'recovered' });
  const v = 27 + signed[0]!;
  return `0x${bytesToHex(signed.subarray(1))}${bytesToHex(Uint8Array.of(v))}`;
}

/** The bytes of a signature's text, or why they are none. */
function decodeSignature(text: string): Uint8Array | SignatureFault {
  const digits = /^0[xX]/.test(text) ? text.slice(2) : text;
  if (digits.length !== 2 * SIGNATURE_SIZE_BYTES) return 'signature-length';
  return HEX.test(digits) ? hexToBytes(digits.toLowerCase()) : 'signature-alphabet';
}

function faultOf(r: bigint, s: bigint): SignatureFault | null {
  const { n } = secp256k1.Point.CURVE();
  if (r === 0n || r >= n || s === 0n || s >= n) return 'signature-range';
  return s > n / 2n ? 'signature-high-s' : null;
}

/** The 65 bytes of the public key that made a signature (r and s, 64 bytes, in range), or null where there is none. */
export type RecoverKey = (digest: Uint8Array, rs: Uint8Array, recovery: 0 | 1) => Uint8Array | null;

export type RecoverSigner = (message: string | Uint8Array, signature: string) => RecoveredSigner;

/** Recovery by any implementation of the curve; what may be recovered at all is judged here, the same for each. */
export const createSignerRecovery =
  (recoverKey: RecoverKey): RecoverSigner =>
  (message, signature) => {
    assertText(signature, 'recoverSigner');
    const bytes = decodeSignature(signature);
    if (typeof bytes === 'string') return { ok: false, why: bytes };
    const recovery = RECOVERY_OF_V.get(bytes[SIGNATURE_SIZE_BYTES - 1]!);
    if (recovery === undefined) return { ok: false, why: 'signature-v' };
    const fault = faultOf(scalarAt(bytes, 0), scalarAt(bytes, SCALAR_SIZE_BYTES));
    if (fault !== null) return { ok: false, why: fault };
    const rs = bytes.subarray(0, 2 * SCALAR_SIZE_BYTES);
    const publicKey = recoverKey(messageDigest(message), rs, recovery);
    // Ranges are checked above: what is left is an r without a point, or a key at infinity.
    if (publicKey === null) return { ok: false, why: 'signature-unrecoverable' };
    return { ok: true, address: uncompressedKeyToAddress(publicKey) };
  };

/**
 * Whose signature this is. A wrong signature mostly has a signer, too: somebody else. Compare the address.
 *
 * @param signature Hex as wallets give it: 65 bytes, in either case, with or without 0x.
 * @throws TypeError, RangeError where the message has no digest; TypeError where the signature is no string.
 */
export const recoverSigner = createSignerRecovery((digest, rs, recovery) => {
  const signature = new secp256k1.Signature(scalarAt(rs, 0), scalarAt(rs, SCALAR_SIZE_BYTES), recovery);
  try {
    return signature.recoverPublicKey(digest).toBytes(false);
  } catch {
    return null;
  }
});
