/**
 * What logs are found by: a term is a place (0: address, 1 to 4: topic, 5: any log at all) and the first 8 bytes of the
 * item's Keccak hash, the one that its bloom bits come from. For each term and block that has it the store keeps the
 * positions of the transactions concerned (a posting), so a search reads postings of the rarest term and the few
 * receipts they name, whatever the length of the range. Two items that share 8 bytes of hash cost a look at a receipt,
 * and are told apart there.
 */
import type { Log } from './receipt.ts';

export const TERM_SIZE_BYTES = 9;
export const ANY_LOG = 5;

/** Positions of transactions, ascending, by term (9 bytes as latin1: place, then hash). */
export type BlockTerms = ReadonlyMap<string, readonly number[]>;

export const termOf = (place: number, itemHash: Uint8Array): string =>
  String.fromCharCode(place) +
  Buffer.from(itemHash.buffer, itemHash.byteOffset, TERM_SIZE_BYTES - 1).toString('latin1');

export const ANY_LOG_TERM = termOf(ANY_LOG, new Uint8Array(TERM_SIZE_BYTES - 1));

export function createTermCollector(hashOf: (item: Uint8Array) => Uint8Array): {
  add: (transactionIndex: number, logs: readonly Log[]) => void;
  terms: BlockTerms;
} {
  const terms = new Map<string, number[]>();
  const note = (term: string, index: number): void => {
    const positions = terms.get(term);
    if (positions === undefined) terms.set(term, [index]);
    else if (positions.at(-1) !== index) positions.push(index);
  };
  return {
    terms,
    add(transactionIndex, logs) {
      if (logs.length > 0) note(ANY_LOG_TERM, transactionIndex);
      for (const { address, topics } of logs) {
        note(termOf(0, hashOf(address)), transactionIndex);
        for (const [index, topic] of topics.entries())
          note(termOf(index + 1, hashOf(topic)), transactionIndex);
      }
    },
  };
}

/** Ascending positions as LEB128 of their differences. */
export function encodePositions(positions: readonly number[]): Uint8Array {
  const octets: number[] = [];
  let before = 0;
  for (const position of positions) {
    let rest = position - before;
    for (; rest > 127; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
    octets.push(rest);
    before = position;
  }
  return Uint8Array.from(octets);
}

export function decodePositions(bytes: Uint8Array): number[] {
  const positions: number[] = [];
  let before = 0;
  let rest = 0;
  let weight = 1;
  for (const byte of bytes) {
    rest += (byte % 128) * weight;
    weight *= 128;
    if (byte > 127) continue;
    before += rest;
    positions.push(before);
    rest = 0;
    weight = 1;
  }
  return positions;
}
