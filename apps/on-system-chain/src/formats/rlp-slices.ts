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

/** Items that stand one behind the other, each as it is encoded. */
export function splitItems(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { until } = placeAt(bytes, at);
    items.push(bytes.subarray(at, until));
    at = until;
  }
  return items;
}

/** Members of a list, each as it is encoded. */
export function splitList(list: Uint8Array): Uint8Array[] {
  if (!isList(list)) throw new RlpFault('no list where one belongs');
  const { from, until } = placeAt(list, 0);
  return splitItems(list.subarray(from, until));
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
