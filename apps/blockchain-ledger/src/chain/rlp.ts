/**
 * RLP as blocks and receipts are encoded (Ethereum yellow paper, appendix B), read in place: an item is a view into the
 * bytes it came from, so a block's parts are hashed and stored as they arrived, without being copied or encoded anew.
 * Only the one canonical encoding of a value is accepted.
 */

/** What is no canonical RLP, or not the shape that was expected. */
export class RlpError extends Error {
  override readonly name = 'RlpError';
}

export interface RlpItem {
  readonly isList: boolean;
  /** The item with its prefix. */
  readonly raw: Uint8Array;
  /** Its content: the bytes of a string, or the items of a list. */
  readonly content: Uint8Array;
}

interface Prefix {
  readonly isList: boolean;
  readonly contentAt: number;
  readonly end: number;
}

function prefixAt(bytes: Uint8Array, at: number): Prefix {
  const first = bytes[at];
  if (first === undefined) throw new RlpError('an item is missing');
  if (first < 0x80) return { isList: false, contentAt: at, end: at + 1 };
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  const contentAt = short <= 55 ? at + 1 : at + 1 + short - 55;
  const length = short <= 55 ? short : longLength(bytes, at + 1, short - 55);
  const end = contentAt + length;
  if (end > bytes.length) throw new RlpError('an item is cut');
  if (!isList && length === 1 && (bytes[contentAt] as number) < 0x80)
    throw new RlpError('a byte is encoded longer than it must be');
  return { isList, contentAt, end };
}

function longLength(bytes: Uint8Array, at: number, octets: number): number {
  if (octets > 6) throw new RlpError('an item is too long');
  let length = 0;
  for (let index = 0; index < octets; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new RlpError('a length is cut');
    if (index === 0 && byte === 0) throw new RlpError('a length is encoded longer than it must be');
    length = length * 256 + byte;
  }
  if (length <= 55) throw new RlpError('a length is encoded longer than it must be');
  return length;
}

/** The one item that `bytes` is. */
export function readRlp(bytes: Uint8Array): RlpItem {
  const { isList, contentAt, end } = prefixAt(bytes, 0);
  if (end !== bytes.length) throw new RlpError('bytes follow the item');
  return { isList, raw: bytes, content: bytes.subarray(contentAt, end) };
}

/** The items that follow each other in `content`, which is that of a list. */
export function readItems(content: Uint8Array): RlpItem[] {
  const items: RlpItem[] = [];
  for (let at = 0; at < content.length; ) {
    const { isList, contentAt, end } = prefixAt(content, at);
    items.push({ isList, raw: content.subarray(at, end), content: content.subarray(contentAt, end) });
    at = end;
  }
  return items;
}

export function listOf(item: RlpItem | undefined, what: string): RlpItem[] {
  if (!item?.isList) throw new RlpError(`${what} is no list`);
  return readItems(item.content);
}

export function bytesOf(item: RlpItem | undefined, what: string, sizeBytes?: number): Uint8Array {
  if (!item || item.isList) throw new RlpError(`${what} is no string of bytes`);
  if (sizeBytes !== undefined && item.content.length !== sizeBytes)
    throw new RlpError(`${what} has ${item.content.length} bytes, not ${sizeBytes}`);
  return item.content;
}

/** A whole number without leading zeros. */
export function bigintOf(item: RlpItem | undefined, what: string): bigint {
  const bytes = bytesOf(item, what);
  if (bytes.length > 32) throw new RlpError(`${what} has more than 32 bytes`);
  if (bytes[0] === 0) throw new RlpError(`${what} begins with a zero`);
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** The same where it must be at most 2^53 - 1. */
export function numberOf(item: RlpItem | undefined, what: string): number {
  const value = bigintOf(item, what);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RlpError(`${what} is too large`);
  return Number(value);
}

/** Size of a prefix before content of this length; one byte below 0x80 has none. */
export function prefixSize(length: number): number {
  if (length <= 55) return 1;
  let size = 2;
  for (let rest = Math.floor(length / 256); rest > 0; rest = Math.floor(rest / 256)) size++;
  return size;
}

/** Writes the prefix of a list (base 0xc0) or a string (0x80); gives where the content begins. */
export function writePrefix(
  into: Uint8Array,
  at: number,
  { length, base }: { length: number; base: number },
): number {
  if (length <= 55) {
    into[at] = base + length;
    return at + 1;
  }
  const size = prefixSize(length);
  into[at] = base + 54 + size;
  for (let octet = size - 1, rest = length; octet > 0; octet--, rest = Math.floor(rest / 256))
    into[at + octet] = rest % 256;
  return at + size;
}

const isOwnEncoding = (bytes: Uint8Array): boolean => bytes.length === 1 && (bytes[0] as number) < 0x80;

export const sizeAsBytes = (bytes: Uint8Array): number =>
  isOwnEncoding(bytes) ? 1 : prefixSize(bytes.length) + bytes.length;

/** Writes a string of bytes; gives where it ends. */
export function writeBytes(into: Uint8Array, at: number, bytes: Uint8Array): number {
  const from = isOwnEncoding(bytes) ? at : writePrefix(into, at, { length: bytes.length, base: 0x80 });
  into.set(bytes, from);
  return from + bytes.length;
}

/** A list of items that are encoded already. */
export function encodeList(items: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const item of items) length += item.length;
  const list = Buffer.allocUnsafe(prefixSize(length) + length);
  let at = writePrefix(list, 0, { length, base: 0xc0 });
  for (const item of items) {
    list.set(item, at);
    at += item.length;
  }
  return list;
}

export function encodeBytes(bytes: Uint8Array): Buffer {
  const encoded = Buffer.allocUnsafe(sizeAsBytes(bytes));
  writeBytes(encoded, 0, bytes);
  return encoded;
}

export function encodeNumber(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return encodeBytes(Buffer.from(octets));
}
