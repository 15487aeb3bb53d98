/** signMessageV2 of TRON (TIP-191) out of noble's parts, for these tests only. */
import { concatBytes, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { VerifyTron } from '../src/index.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function addressOf(publicKey: Uint8Array): string {
  const body = concatBytes(Uint8Array.of(0x41), keccak_256(publicKey.subarray(1)).subarray(-20));
  const whole = concatBytes(body, sha256(sha256(body)).subarray(0, 4));
  let value = whole.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  for (; value > 0n; value /= 58n) text = ALPHABET[Number(value % 58n)]! + text;
  return text;
}

const digestOf = (message: Uint8Array): Uint8Array =>
  keccak_256(concatBytes(utf8ToBytes(`\x19TRON Signed Message:\n${message.length}`), message));

export const tronAddress = (secretKey: Uint8Array): string =>
  addressOf(secp256k1.getPublicKey(secretKey, false));

/** r, s, v (27 or 28): 65 bytes. */
export function tronSign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(digestOf(message), secretKey, { prehash: false, format: 'recovered' });
  return concatBytes(recovered.subarray(1), Uint8Array.of(27 + recovered[0]!));
}

/** Throws on what cannot be recovered: whoever calls it must bear that. */
export const verifyTron: VerifyTron = ({ message, signature, address }) => {
  const recovered = concatBytes(Uint8Array.of(signature[64]! - 27), signature.subarray(0, 64));
  const publicKey = secp256k1.recoverPublicKey(recovered, digestOf(message), { prehash: false });
  return addressOf(secp256k1.Point.fromBytes(publicKey).toBytes(false)) === address;
};
