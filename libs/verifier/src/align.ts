/**
 * Which of the records found is which of the records the index lists, where the two do not simply agree. A record is first
 * recognised by its hash, wherever it lies; what is left is told apart by its place between recognised neighbours.
 */
import { bytesToHex, equalBytes } from '@lucid/bytes';
import type { IndexTable } from './index-table.ts';
import type { RecordTable } from './record-table.ts';

export const NONE = -1;

export interface Alignment {
  /** Log index -> number in file order of the record whose bytes the index describes, or NONE. */
  readonly place: Int32Array;
  /** Log index -> what lies where a missing record should be, or NONE. */
  readonly candidate: Int32Array;
  /** Number in file order -> its log index, as place or as candidate; NONE for what the index does not know. */
  readonly owner: Int32Array;
}

const sameHash = (table: RecordTable, at: number, index: IndexTable, row: number | undefined): boolean =>
  row !== undefined && at >= 0 && at < table.count && equalBytes(table.leafHash(at), index.leafHash(row));

function claimByOffset(table: RecordTable, index: IndexTable, into: Alignment): void {
  const rows = index.byOffset();
  let next = 0;
  for (let at = 0; at < table.count; at++) {
    while (next < rows.length && index.offset(rows[next]!) < table.offset(at)) next++;
    const row = rows[next];
    if (row === undefined || index.offset(row) !== table.offset(at)) continue;
    if (!sameHash(table, at, index, row)) continue;
    into.place[row] = at;
    into.owner[at] = row;
  }
}

function unclaimedByHash(table: RecordTable, { owner }: Alignment): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let at = 0; at < table.count; at++) {
    if (owner[at] !== NONE) continue;
    const hex = bytesToHex(table.leafHash(at));
    const others = found.get(hex);
    if (others) others.push(at);
    else found.set(hex, [at]);
  }
  return found;
}

/** A file of nothing but copies must not cost its square. */
const COPIES_COMPARED = 8;

/** Of several copies the one between the neighbours that the index names. */
function claimByHash(table: RecordTable, index: IndexTable, into: Alignment): void {
  const found = unclaimedByHash(table, into);
  for (const copies of found.values()) copies.reverse();
  const rows = index.byOffset();
  rows.forEach((row, at) => {
    const copies = into.place[row] === NONE ? found.get(bytesToHex(index.leafHash(row))) : undefined;
    if (copies === undefined || copies.length === 0) return;
    const fit = (copy: number): number =>
      Number(sameHash(table, copy - 1, index, rows[at - 1])) +
      Number(sameHash(table, copy + 1, index, rows[at + 1]));
    const [best] = copies.slice(-COPIES_COMPARED).sort((a, b) => fit(b) - fit(a) || a - b);
    copies.splice(copies.lastIndexOf(best!), 1);
    into.place[row] = best!;
    into.owner[best!] = row;
  });
}

/** What lies where an unrecognised record should be: at its offset, else behind the record before it. */
function claimByNeighbour(table: RecordTable, index: IndexTable, into: Alignment): void {
  const atOffset = new Map<number, number>();
  for (let at = 0; at < table.count; at++) if (into.owner[at] === NONE) atOffset.set(table.offset(at), at);
  let behind = 0;
  for (const row of index.byOffset()) {
    const recognised = into.place[row]!;
    if (recognised !== NONE) {
      behind = recognised + 1;
      continue;
    }
    const candidate = atOffset.get(index.offset(row)) ?? behind;
    if (candidate >= table.count || into.owner[candidate] !== NONE) continue;
    into.candidate[row] = candidate;
    into.owner[candidate] = row;
    behind = candidate + 1;
  }
}

export function alignRecords(table: RecordTable, index: IndexTable): Alignment {
  const alignment: Alignment = {
    place: new Int32Array(index.count).fill(NONE),
    candidate: new Int32Array(index.count).fill(NONE),
    owner: new Int32Array(table.count).fill(NONE),
  };
  claimByOffset(table, index, alignment);
  claimByHash(table, index, alignment);
  claimByNeighbour(table, index, alignment);
  return alignment;
}

/** Positions of a longest increasing subsequence (patience sorting). */
function longestIncreasing(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before = new Int32Array(values.length).fill(NONE);
  values.forEach((value, at) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    before[at] = tails[low - 1] ?? NONE;
    tails[low] = at;
  });
  const chosen = new Set<number>();
  for (let at = tails.at(-1) ?? NONE; at !== NONE; at = before[at]!) chosen.add(at);
  return chosen;
}

export interface Misplaced {
  readonly expected: number;
  readonly found: number;
}

/** Recognised records that do not follow each other in the file as the index says: the fewest that explain it. */
export function misplacedRecords(index: IndexTable, { place, owner }: Alignment): Misplaced[] {
  const expected = [...index.byOffset()].filter((row) => place[row] !== NONE);
  const rank = new Map(expected.map((row, at) => [row, at]));
  const found: number[] = [];
  owner.forEach((row, at) => {
    if (row !== NONE && place[row] === at) found.push(row);
  });
  const ranks = found.map((row) => rank.get(row)!);
  const inOrder = longestIncreasing(ranks);
  return found.flatMap((row, at) => (inOrder.has(at) ? [] : [{ expected: expected[at]!, found: row }]));
}
