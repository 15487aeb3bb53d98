// HashedControlPassword of tor: RFC 4880 (RFC 2440) section 3.6.1.3, iterated and salted, with SHA-1. `16:`, then hex of
//   salt (8 bytes) || coded count (1 byte) || SHA-1 of salt || password, repeated up to the count of bytes
import { createHash } from 'node:crypto';

const CODED_COUNT = 0x60;
/** 65,536 bytes, as tor takes itself. */
const COUNT = (16 + (CODED_COUNT & 15)) << ((CODED_COUNT >> 4) + 6);

/** `salt` is 8 bytes. */
export function hashControlPassword(password, salt) {
  if (salt.length !== 8) throw new RangeError('salt must be 8 bytes');
  const once = Buffer.concat([salt, Buffer.from(password)]);
  const bytes = Buffer.alloc(COUNT, once);
  const digest = createHash('sha1').update(bytes).digest();
  const hex = Buffer.concat([salt, Buffer.from([CODED_COUNT]), digest])
    .toString('hex')
    .toUpperCase();
  return `16:${hex}`;
}
