/** Reading RLP (Ethereum yellow paper, appendix B) whose shape is known; whatever differs is a WireError. */
import { decodeRlp as decodeItem, RLP_LIMITS, type RlpItem } from '@lucid/eth-proof';
import { WireError } from './wire-error.ts';

export type { RlpItem } from '@lucid/eth-proof';

/** As much as the contracts let travel. */
const limits = { ...RLP_LIMITS, maxBytes: 64 * 1024 * 1024 };

/** One whole item without anything behind it; byte strings are views of it. */
export function decodeRlp(bytes: Uint8Array, what: string): RlpItem {
  try {
    return decodeItem(bytes, what, limits);
  } catch (cause) {
    throw new WireError(`${what} cannot be read`, { cause });
  }
}

export function listOf(item: RlpItem | undefined, what: string, length?: number): readonly RlpItem[] {
  if (item === undefined || item instanceof Uint8Array) throw new WireError(`${what} is no list`);
  if (length !== undefined && item.length !== length)
    throw new WireError(`${what} has ${item.length} members, not ${length}`);
  return item;
}

export function bytesOf(item: RlpItem | undefined, what: string, sizeBytes?: number): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new WireError(`${what} is no byte string`);
  if (sizeBytes !== undefined && item.length !== sizeBytes)
    throw new WireError(`${what} has ${item.length} bytes, not ${sizeBytes}`);
  return item;
}

/** A whole number without leading zeros, as large as a number holds exactly. */
export function numberOf(item: RlpItem | undefined, what: string): number {
  const bytes = bytesOf(item, what);
  if (bytes[0] === 0) throw new WireError(`${what} begins with a zero`);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length > 7 || !Number.isSafeInteger(value)) throw new WireError(`${what} is too large`);
  return value;
}

export function textOf(item: RlpItem | undefined, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(item, what));
  } catch (cause) {
    throw cause instanceof WireError ? cause : new WireError(`${what} is no UTF-8`, { cause });
  }
}
