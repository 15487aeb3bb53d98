/**
 * Recursive length prefix, strict (Ethereum yellow paper, appendix B). Each value has one encoding here: lengths in their shortest form, a
 * single byte below 0x80 as itself, nothing behind the item. Decoded strings are views of the input, not copies.
 */
import { assertBytes, isBytes } from '@lucid/bytes';
import { EthProofError } from './error.ts';

export type RlpItem = Uint8Array | readonly RlpItem[];

export interface RlpLimits {
  readonly maxBytes: number;
  /** Lists in each other; 0 allows a string only. */
  readonly maxDepth: number;
  /** Strings and lists together. */
  readonly maxItems: number;
}

/** A block of the largest size that any fork allows has less than 16 MiB. */
export const RLP_LIMITS: RlpLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 16, maxItems: 1_000_000 };

interface Cursor {
  readonly bytes: Uint8Array;
  readonly limits: RlpLimits;
  readonly at: string;
  items: number;
}

interface Frame {
  readonly isList: boolean;
  readonly from: number;
  readonly until: number;
}

const STRING = 0x80;
const LIST = 0xc0;
const SHORT_MAX = 55;

function longSize({ bytes, at }: Cursor, from: number, sizeOfSize: number, end: number): number {
  if (from + sizeOfSize > end)
    throw new EthProofError('rlp_truncated', at, `byte ${from}: its length is cut off`);
  if (bytes[from] === 0)
    throw new EthProofError('rlp_not_canonical', at, `byte ${from}: a length with leading zeros`);
  let size = 0;
  // Above 2^48 it reaches beyond every input, and below every step is exact.
  for (let each = from; each < from + sizeOfSize; each++) size = Math.min(size * 256 + bytes[each]!, 2 ** 48);
  if (size <= SHORT_MAX)
    throw new EthProofError('rlp_not_canonical', at, `byte ${from}: ${size} bytes have a short form`);
  return size;
}

/** What begins at `from`; it lies before `end`. */
function readFrame(cursor: Cursor, from: number, end: number): Frame {
  const { bytes, at } = cursor;
  const first = bytes[from]!;
  if (first < STRING) return { isList: false, from, until: from + 1 };
  const isList = first >= LIST;
  const short = first - (isList ? LIST : STRING);
  const sizeOfSize = Math.max(0, short - SHORT_MAX);
  const size = sizeOfSize === 0 ? short : longSize(cursor, from + 1, sizeOfSize, end);
  const body = from + 1 + sizeOfSize;
  if (body + size > end)
    throw new EthProofError(
      'rlp_truncated',
      at,
      `byte ${from}: ${size} bytes are said, ${end - body} are there`,
    );
  if (!isList && size === 1 && bytes[body]! < STRING)
    throw new EthProofError('rlp_not_canonical', at, `byte ${from}: a byte below 0x80 stands for itself`);
  return { isList, from: body, until: body + size };
}

function readItem(
  cursor: Cursor,
  from: number,
  end: number,
  depth: number,
): { item: RlpItem; until: number } {
  const { bytes, limits, at } = cursor;
  if (++cursor.items > limits.maxItems)
    throw new EthProofError('rlp_too_large', at, `more than ${limits.maxItems} items`);
  const frame = readFrame(cursor, from, end);
  if (!frame.isList) return { item: bytes.subarray(frame.from, frame.until), until: frame.until };
  if (depth === limits.maxDepth)
    throw new EthProofError(
      'rlp_too_deep',
      at,
      `byte ${from}: more than ${limits.maxDepth} lists in each other`,
    );
  const list: RlpItem[] = [];
  for (let next = frame.from; next < frame.until; ) {
    const { item, until } = readItem(cursor, next, frame.until, depth + 1);
    list.push(item);
    next = until;
  }
  return { item: list, until: frame.until };
}

/**
 * The one item that `bytes` are.
 *
 * @param at what the bytes are called in an error.
 * @throws EthProofError rlp_*; TypeError where `bytes` is no Uint8Array.
 */
export function decodeRlp(bytes: Uint8Array, at = 'rlp', limits: RlpLimits = RLP_LIMITS): RlpItem {
  assertBytes(bytes, 'decodeRlp');
  if (bytes.length > limits.maxBytes)
    throw new EthProofError('rlp_too_large', at, `${bytes.length} bytes, ${limits.maxBytes} are allowed`);
  if (bytes.length === 0) throw new EthProofError('rlp_truncated', at, 'no bytes');
  const { item, until } = readItem({ bytes, limits, at, items: 0 }, 0, bytes.length, 0);
  if (until < bytes.length)
    throw new EthProofError('rlp_trailing', at, `${bytes.length - until} bytes behind the item`);
  return item;
}

function prefix(kind: number, size: number): number[] {
  if (size <= SHORT_MAX) return [kind + size];
  const digits: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [kind + SHORT_MAX + digits.length, ...digits];
}

const isAlone = (bytes: Uint8Array): boolean => bytes.length === 1 && bytes[0]! < STRING;

/** Prefixes and strings in their order, and how many bytes they are. */
function collect(item: RlpItem, parts: ArrayLike<number>[]): number {
  if (isBytes(item)) {
    const head = isAlone(item) ? [] : prefix(STRING, item.length);
    parts.push(head, item);
    return head.length + item.length;
  }
  if (!Array.isArray(item)) throw new TypeError('encodeRlp: expected Uint8Array or an array of such');
  const place = parts.push([]) - 1;
  let size = 0;
  for (const each of item as readonly RlpItem[]) size += collect(each, parts);
  const head = prefix(LIST, size);
  parts[place] = head;
  return head.length + size;
}

/** @throws TypeError where a member is neither Uint8Array nor array. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const parts: ArrayLike<number>[] = [];
  const bytes = new Uint8Array(collect(item, parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How many bytes `encodeRlp` gives. */
export const rlpSize = (item: RlpItem): number => collect(item, []);

/** An integer as Ethereum writes it: big-endian without leading zeros, 0 as no bytes. @throws RangeError below 0 or not whole. */
export function integerToBytes(value: bigint | number): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError('integerToBytes: not a safe integer');
  if (value < 0) throw new RangeError('integerToBytes: below 0');
  const digits: number[] = [];
  for (let rest = BigInt(value); rest > 0n; rest >>= 8n) digits.unshift(Number(rest & 255n));
  return Uint8Array.from(digits);
}
