/** Reading RLP (Ethereum yellow paper, appendix B) whose shape is known; whatever differs is a WireError. */
import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { WireError } from './wire-error.ts';

export type RlpItem = Uint8Array | NestedUint8Array;

/** One whole item without anything behind it. */
export function decodeRlp(bytes: Uint8Array, what: string): RlpItem {
  try {
    return RLP.decode(bytes);
  } catch (cause) {
    throw new WireError(`${what} cannot be read`, { cause });
  }
}

export function listOf(item: RlpItem | undefined, what: string, length?: number): readonly RlpItem[] {
  if (!Array.isArray(item)) throw new WireError(`${what} is no list`);
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
