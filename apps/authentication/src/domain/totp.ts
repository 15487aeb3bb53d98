/** Codes of authenticators: RFC 6238 with SHA-1, 30 seconds and 6 digits, which is what every app knows. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_SECONDS = 30;
/** Steps before and after the one that is now: clocks of phones. */
const WINDOW = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const stepAt = (nowMs: number): number => Math.floor(nowMs / 1000 / STEP_SECONDS);

export function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** RFC 4226 section 5.3. */
export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac[mac.length - 1]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** The step whose code it is, of those after `lastStep` around now; null where it is none. */
export function stepOfCode(options: {
  secret: Uint8Array;
  code: string;
  nowMs: number;
  lastStep: number;
}): number | null {
  const { secret, code, nowMs, lastStep } = options;
  const now = stepAt(nowMs);
  const given = Buffer.from(code);
  let found: number | null = null;
  for (let step = now - WINDOW; step <= now + WINDOW; step += 1) {
    const right = Buffer.from(codeOf(secret, step));
    const equal = right.length === given.length && timingSafeEqual(right, given);
    if (equal && step > lastStep && found === null) found = step;
  }
  return found;
}

/** https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function otpauthUri(secret: Uint8Array, address: string): string {
  const query = new URLSearchParams({
    secret: base32(secret),
    issuer: 'Lucid',
    algorithm: 'SHA1',
    digits: '6',
    period: String(STEP_SECONDS),
  });
  return `otpauth://totp/Lucid:${address}?${query}`;
}
