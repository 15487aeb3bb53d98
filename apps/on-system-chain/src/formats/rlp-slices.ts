/**
 * RLP cut into its members without decoding what lies in them: blocks are kept as bytes, and of most of them only a part is
 * ever asked for. The bytes come from our own ledger and vm; wrong ones throw, but other forms of the same value are not
 * looked for as `decodeRlp` of @lucid/eth-proof does.
 */
const STRING = 0x80;
const LIST = 0xc0;
const SHORT_MAX = 55;

export class RlpFault extends Error {
  override readonly name = 'RlpFault';
}

export const isList = (item: Uint8Array): boolean => item[0] !== undefined && item[0] >= LIST;

interface Place {
  /** Where its content begins. */
  readonly from: number;
  readonly until: number;
}

function placeAt(bytes: Uint8Array, at: number): Place {
  const first = bytes[at];
  if (first === undefined) throw new RlpFault('the bytes end where an item belongs');
  if (first < STRING) return { from: at, until: at + 1 };
  const short = first - (first >= LIST ? LIST : STRING);
  let from = at + 1;
  let size = short;
  if (short > SHORT_MAX) {
    from += short - SHORT_MAX;
    size = 0;
    for (let each = at + 1; each < from; each++) size = size * 256 + (bytes[each] ?? 0);
  }
  if (from + size > bytes.length) throw new RlpFault('an item is cut off');
  return { from, until: from + size };
}

/** Members of a list, each as it is encoded. */
export function splitList(list: Uint8Array): Uint8Array[] {
  if (!isList(list)) throw new RlpFault('no list where one belongs');
  const { from, until } = placeAt(list, 0);
  const members: Uint8Array[] = [];
  for (let at = from; at < until; ) {
    const next = placeAt(list, at).until;
    if (next > until) throw new RlpFault('a member reaches beyond its list');
    members.push(list.subarray(at, next));
    at = next;
  }
  return members;
}

/** As `splitList`, of exactly so many members. */
export function splitCounted(list: Uint8Array, count: number): Uint8Array[] {
  const members = splitList(list);
  if (members.length !== count) throw new RlpFault(`${members.length} members where ${count} belong`);
  return members;
}

/** Content of a string. */
export function stringOf(item: Uint8Array | undefined): Uint8Array {
  if (item === undefined || isList(item)) throw new RlpFault('no string where one belongs');
  const { from, until } = placeAt(item, 0);
  return item.subarray(from, until);
}

/** A transaction or receipt as the tries hold it: a legacy one is a list, a typed one the content of a string (EIP-2718). */
export const envelopeOf = (item: Uint8Array): Uint8Array => (isList(item) ? item : stringOf(item));

function prefixOf(kind: number, size: number): Uint8Array {
  if (size <= SHORT_MAX) return Uint8Array.of(kind + size);
  const digits: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(kind + SHORT_MAX + digits.length, ...digits);
}

const sized = (kind: number, parts: readonly Uint8Array[]): Uint8Array => {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([prefixOf(kind, size), ...parts]);
};

/** A list of items that are encoded already. */
export const joinList = (members: readonly Uint8Array[]): Uint8Array => sized(LIST, members);

export const encodeString = (bytes: Uint8Array): Uint8Array =>
  bytes.length === 1 && (bytes[0] as number) < STRING ? bytes : sized(STRING, [bytes]);

/** A transaction as a block holds it: the reverse of `envelopeOf`. */
export const itemOf = (envelope: Uint8Array): Uint8Array =>
  isList(envelope) ? envelope : encodeString(envelope);
