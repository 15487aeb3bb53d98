/**
 * What logs are found by. A term is a place (0: address, 1 to 4: topic, 5: any log at all) and the first 8 bytes of the
 * item's Keccak hash, the one that its bloom bits come from. Terms are kept in 256 buckets a place, by the first of the 8
 * bytes: for each block and bucket the store has one list of the terms and the positions of the transactions that have
 * them. A search goes through one bucket a term, of which a full block of 2,000 transfers holds about eight terms, and
 * then reads the few receipts they name. (One key a term would be read faster, but written and merged at ten times the
 * cost.) Two items that share 8 bytes of hash cost a look at a receipt, and are told apart there.
 */
import type { Log } from './receipt.ts';

export const BUCKET_SIZE_BYTES = 2;
const REST_SIZE_BYTES = 7;
export const ANY_LOG = 5;

/** Place, then the 8 bytes of hash, as latin1. */
export type Term = string;
/** Positions of transactions, ascending. */
export type BlockTerms = ReadonlyMap<Term, readonly number[]>;

/** `itemName`: the item's hash, or its first 8 bytes, as latin1. */
export const termOf = (place: number, itemName: string): Term =>
  String.fromCharCode(place) + itemName.slice(0, 1 + REST_SIZE_BYTES);

export const ANY_LOG_TERM = termOf(ANY_LOG, '\0'.repeat(1 + REST_SIZE_BYTES));

export const bucketOf = (term: Term): string => term.slice(0, BUCKET_SIZE_BYTES);

export function createTermCollector(nameOf: (item: Uint8Array) => string): {
  add: (transactionIndex: number, logs: readonly Log[]) => void;
  terms: BlockTerms;
} {
  const terms = new Map<Term, number[]>();
  const note = (term: Term, index: number): void => {
    const positions = terms.get(term);
    if (positions === undefined) terms.set(term, [index]);
    else if (positions.at(-1) !== index) positions.push(index);
  };
  return {
    terms,
    add(transactionIndex, logs) {
      if (logs.length > 0) note(ANY_LOG_TERM, transactionIndex);
      for (const { address, topics } of logs) {
        note(termOf(0, nameOf(address)), transactionIndex);
        for (let index = 0; index < topics.length; index++)
          note(termOf(index + 1, nameOf(topics[index] as Uint8Array)), transactionIndex);
      }
    },
  };
}

function writeVarint(octets: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  octets.push(rest);
}

/**
 * The lists of a block by bucket: for each term, ascending, the other 7 bytes, the length of what follows (LEB128), and
 * the differences of its positions (LEB128).
 */
export function encodeBuckets(terms: BlockTerms): Map<string, Uint8Array> {
  const buckets = new Map<string, number[]>();
  for (const term of [...terms.keys()].sort()) {
    const bucket = bucketOf(term);
    let octets = buckets.get(bucket);
    if (octets === undefined) {
      octets = [];
      buckets.set(bucket, octets);
    }
    for (let at = BUCKET_SIZE_BYTES; at < term.length; at++) octets.push(term.charCodeAt(at));
    const differences: number[] = [];
    let before = 0;
    for (const position of terms.get(term) as readonly number[]) {
      writeVarint(differences, position - before);
      before = position;
    }
    writeVarint(octets, differences.length);
    for (const octet of differences) octets.push(octet);
  }
  return new Map([...buckets].map(([bucket, octets]) => [bucket, Uint8Array.from(octets)]));
}

/** A list that ends within a term. */
export class CutBucketError extends Error {
  override readonly name = 'CutBucketError';
}

function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let weight = 1, end = at; ; weight *= 128) {
    const byte = bytes[end++];
    if (byte === undefined || weight > 2 ** 42) throw new CutBucketError();
    value += (byte % 128) * weight;
    if (byte < 128) return { value, end };
  }
}

/** The terms of a bucket's list that are `wanted`, or all; each with its positions. */
export function* readBucket(
  bucket: string,
  list: Uint8Array,
  wanted?: ReadonlySet<Term>,
): Generator<[Term, number[]]> {
  const text = Buffer.from(list.buffer, list.byteOffset, list.length);
  for (let at = 0; at < list.length; ) {
    const term = bucket + text.toString('latin1', at, at + REST_SIZE_BYTES);
    const { value: sizeBytes, end: from } = readVarint(list, at + REST_SIZE_BYTES);
    at = from + sizeBytes;
    if (at > list.length) throw new CutBucketError();
    if (wanted === undefined || wanted.has(term)) yield [term, readPositions(list.subarray(from, at))];
  }
}

function readPositions(differences: Uint8Array): number[] {
  const positions: number[] = [];
  let position = 0;
  for (let at = 0; at < differences.length; ) {
    const { value, end } = readVarint(differences, at);
    position += value;
    positions.push(position);
    at = end;
  }
  return positions;
}
