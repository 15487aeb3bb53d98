/** Reads values of a genesis.json as geth reads them; every fault names the path of the member, as `config.cancunTime`. */
import { ChainError } from './error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function genesisFault(path: string, what: string): ChainError {
  return new ChainError('genesis_invalid', `${path}: ${what}`);
}

export function readObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw genesisFault(path, 'expected an object');
  return value as JsonObject;
}

export function refuseOthers(object: JsonObject, known: ReadonlySet<string>, path: string): void {
  for (const name of Object.keys(object)) {
    // geth writes members of forks to come as null.
    if (!known.has(name) && object[name] !== null)
      throw genesisFault(path === '' ? name : `${path}.${name}`, 'this member is not known');
  }
}

/** A whole number: a JSON number, decimal text or 0x hex, below 2 to the power of `bits`. */
export function readNumber(value: unknown, path: string, bits: number): bigint {
  const ofNumber = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  const ofText = typeof value === 'string' && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value);
  if (typeof value === 'number' && Number.isInteger(value) && value > Number.MAX_SAFE_INTEGER)
    throw genesisFault(path, 'write a number of more than 53 bits as text');
  if (!ofNumber && !ofText) throw genesisFault(path, 'expected a whole number, decimal or 0x hex');
  const number = BigInt(value as string | number);
  if (number >> BigInt(bits) !== 0n) throw genesisFault(path, `does not fit into ${bits} bits`);
  return number;
}

/** Heights, times and the chain id: numbers that fit into 53 bits. */
export function readSafeInteger(value: unknown, path: string): number {
  const number = readNumber(value, path, 64);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw genesisFault(path, 'does not fit into 53 bits');
  return Number(number);
}

export function readBytes(value: unknown, path: string, length?: number): Uint8Array {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value))
    throw genesisFault(path, 'expected 0x and an even number of hex digits');
  const bytes = Uint8Array.from(Buffer.from(value.slice(2), 'hex'));
  if (length !== undefined && bytes.length !== length)
    throw genesisFault(path, `expected ${length} bytes, found ${bytes.length}`);
  return bytes;
}

/** An address with or without 0x, as keys of `alloc` are. */
export function readAddressKey(text: string, path: string): Uint8Array {
  if (!/^(?:0x)?[0-9a-fA-F]{40}$/.test(text)) throw genesisFault(path, 'expected an address of 20 bytes');
  return Uint8Array.from(Buffer.from(text.slice(-40), 'hex'));
}

/** 32 bytes, where geth allows fewer digits and leaves 0x to the writer: slots and values of `storage`. */
export function readWord(text: unknown, path: string): Uint8Array {
  const digits = typeof text === 'string' ? text.replace(/^0x/, '') : '';
  if (typeof text !== 'string' || !/^[0-9a-fA-F]{0,64}$/.test(digits))
    throw genesisFault(path, 'expected at most 32 bytes as hex');
  return Uint8Array.from(Buffer.from(digits.padStart(64, '0'), 'hex'));
}

export const readBoolean = (value: unknown, path: string): boolean => {
  if (typeof value !== 'boolean') throw genesisFault(path, 'expected true or false');
  return value;
};
