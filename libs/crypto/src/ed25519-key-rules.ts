/**
 * Public keys that no honest generator makes and on which Ed25519 libraries disagree: encodings with y >= p, and the
 * points of small order (under such a key one signature fits many messages). Both faces refuse them before they verify.
 * The list is libsodium's (crypto_core/ed25519/ref10, ge25519_has_small_order), without its entries of y >= p.
 */
import { hexToBytes } from '@lucid/bytes';

const SMALL_ORDER_Y = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(hexToBytes);

/** Byte 31 carries the sign of x in its highest bit; it does not matter here. */
const byteOfY = (encoded: Uint8Array, at: number): number => (at === 31 ? encoded[at]! & 0x7f : encoded[at]!);

function hasY(encoded: Uint8Array, y: Uint8Array): boolean {
  for (let at = 0; at < 32; at++) if (byteOfY(encoded, at) !== y[at]) return false;
  return true;
}

/** p = 2^255 - 19 is `ed ff … ff 7f`: y >= p means byte 0 at least 0xed and all the others full. */
function isNonCanonical(encoded: Uint8Array): boolean {
  if (encoded[0]! < 0xed) return false;
  for (let at = 1; at < 31; at++) if (encoded[at] !== 0xff) return false;
  return byteOfY(encoded, 31) === 0x7f;
}

export const isUsableEd25519PublicKey = (encoded: Uint8Array): boolean =>
  !isNonCanonical(encoded) && !SMALL_ORDER_Y.some((y) => hasY(encoded, y));
