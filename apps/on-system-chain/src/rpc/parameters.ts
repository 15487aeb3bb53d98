/** Readers of parameters, strict as geth: a value is taken in one form, and what is wrong with another is said. */
import { ParameterError } from './rpc-error.ts';

export interface Parameter<T> {
  readonly read: (value: unknown) => T;
  readonly isOptional: boolean;
}

const required = <T>(read: (value: unknown) => T): Parameter<T> => ({ read, isOptional: false });

/** Absent or null: undefined. */
export const optional = <T>({ read }: Parameter<T>): Parameter<T | undefined> => ({ read, isOptional: true });

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

export function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ParameterError(`a string belongs here, not ${kindOf(value)}`);
}

/** Members of an object that is neither null nor an array. */
export function readObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new ParameterError(`an object belongs here, not ${kindOf(value)}`);
}

export function readArray(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new ParameterError(`an array belongs here, not ${kindOf(value)}`);
  if (value.length > most) throw new ParameterError(`at most ${most} items are taken`);
  return value;
}

function readDigits(value: unknown): string {
  const text = readText(value);
  if (!/^0[xX]/.test(text)) throw new ParameterError('hex string without 0x prefix');
  const digits = text.slice(2);
  if (!/^[0-9a-fA-F]*$/.test(digits)) throw new ParameterError('invalid hex string');
  return digits.toLowerCase();
}

const maxDataBytes = 1_048_576;

/** Bytes as `0x` and lower-case hex. */
export function readData(value: unknown, sizeBytes?: number): string {
  const digits = readDigits(value);
  if (digits.length % 2 === 1) throw new ParameterError('hex string of odd length');
  if (sizeBytes !== undefined && digits.length !== 2 * sizeBytes)
    throw new ParameterError(`hex string has length ${digits.length}, want ${2 * sizeBytes}`);
  if (digits.length > 2 * maxDataBytes) throw new ParameterError(`more than ${maxDataBytes} bytes`);
  return `0x${digits}`;
}

export const readAddress = (value: unknown): string => readData(value, 20);
export const readHash = (value: unknown): string => readData(value, 32);

/** A whole number below 2^256. */
export function readQuantity(value: unknown): bigint {
  const digits = readDigits(value);
  if (digits === '') throw new ParameterError('hex string "0x"');
  if (digits.length > 1 && digits.startsWith('0'))
    throw new ParameterError('hex number with leading zero digits');
  if (digits.length > 64) throw new ParameterError('hex number > 256 bits');
  return BigInt(`0x${digits}`);
}

/** A whole number that a JSON number holds exactly. */
export function readCount(value: unknown): number {
  const count = Number(readQuantity(value));
  if (!Number.isSafeInteger(count)) throw new ParameterError('the number is too large');
  return count;
}

/** A place of storage: up to 32 bytes of hex, filled up on the left; leading zeros as they come. */
export function readSlot(value: unknown): bigint {
  const text = readText(value);
  const digits = text.replace(/^0[xX]/, '');
  if (digits.length > 64)
    throw new ParameterError(`storage key too long (want at most 32 bytes): ${JSON.stringify(short(text))}`);
  if (!/^[0-9a-fA-F]*$/.test(digits))
    throw new ParameterError(`invalid hex in storage key: ${JSON.stringify(short(text))}`);
  return digits === '' ? 0n : BigInt(`0x${digits}`);
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

export type BlockTag = 'latest' | 'earliest' | 'pending' | 'safe' | 'finalized';
/** A block by tag, height or hash. */
export type BlockId = BlockTag | number | { readonly hash: string };

const tags: ReadonlySet<string> = new Set(['latest', 'earliest', 'pending', 'safe', 'finalized']);

export function readBlockNumber(value: unknown): BlockTag | number {
  if (typeof value === 'string' && tags.has(value)) return value as BlockTag;
  return readCount(value);
}

/** Also a hash, and the objects of EIP-1898. */
export function readBlockId(value: unknown): BlockId {
  if (typeof value === 'object' && value !== null) return readBlockObject(readObject(value));
  if (typeof value === 'string' && value.length === 66) return { hash: readHash(value) };
  return readBlockNumber(value);
}

function readBlockObject({
  blockNumber,
  blockHash,
  requireCanonical,
}: Readonly<Record<string, unknown>>): BlockId {
  if (blockNumber !== undefined && blockHash !== undefined)
    throw new ParameterError('cannot specify both BlockHash and BlockNumber, choose one or the other');
  if (requireCanonical !== undefined && typeof requireCanonical !== 'boolean')
    throw new ParameterError('requireCanonical is true or false');
  if (blockHash !== undefined) return { hash: readHash(blockHash) };
  if (blockNumber !== undefined) return readBlockNumber(blockNumber);
  throw new ParameterError('an object names a block by blockNumber or blockHash');
}

export function readFlag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ParameterError(`true or false belongs here, not ${kindOf(value)}`);
}

function readPercentiles(value: unknown): number[] {
  const percentiles = readArray(value, 100).map((each) => {
    if (typeof each !== 'number' || !(each >= 0 && each <= 100))
      throw new ParameterError(`invalid reward percentile: ${String(each)}`);
    return each;
  });
  for (let at = 1; at < percentiles.length; at++) {
    const [before, each] = [percentiles[at - 1] as number, percentiles[at] as number];
    if (each <= before)
      throw new ParameterError(`invalid reward percentile: #${at - 1}:${before} >= #${at}:${each}`);
  }
  return percentiles;
}

/** A number, in JSON's form or as a quantity: clients send both. */
const readLooseCount = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : readCount(value);

export const address = required(readAddress);
export const hash = required(readHash);
export const data = required((value) => readData(value));
export const count = required(readCount);
export const looseCount = required(readLooseCount);
export const slot = required(readSlot);
export const slots = required((value) => readArray(value, 1024).map(readSlot));
export const blockNumber = required(readBlockNumber);
export const block = required(readBlockId);
export const flag = required(readFlag);
export const percentiles = required(readPercentiles);
export const text = required(readText);
export const anything = required((value) => value);
export const parameter = required;
