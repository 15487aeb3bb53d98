/** Which record of the log is bad, and how (docs/evidence-format.md section 8). */
import { bytesToHex, equalBytes } from '@lucid/bytes';
import { type Alignment, alignRecords, misplacedRecords, NONE } from './align.ts';
import type { FaultList } from './fault.ts';
import type { IndexTable } from './index-table.ts';
import type { RecordTable } from './record-table.ts';
import type { ScanResult } from './scan.ts';
import { rootOver, type TreeState } from './signed-tree.ts';

export interface JudgedRecords {
  /** Log index -> number in file order, NONE where the record was not found. */
  readonly place: Int32Array;
  /** As `place`, and for a bad record what lies where it should be. */
  readonly found: Int32Array;
  /** Every record was found, in one piece, in its place. */
  readonly whole: boolean;
}

export interface JudgeInput {
  readonly scan: ScanResult;
  readonly index: IndexTable | null;
  /** By the checkpoint, where it can be read. */
  readonly signed: TreeState | null;
  readonly sessionId: string;
  /** Where the footer says the records end. */
  readonly indexedEnd: number;
  /** The records must lie in index order: an unfinished file. */
  readonly inFileOrder: boolean;
  readonly faults: FaultList;
}

const hex = (bytes: Uint8Array): string => bytesToHex(bytes);

/** Each record lies where the index says, with the hash the index says. */
function indexAgrees({ table }: ScanResult, index: IndexTable): boolean {
  if (table.count !== index.count) return false;
  const rows = index.byOffset();
  for (let at = 0; at < table.count; at++) {
    const row = rows[at]!;
    if (index.offset(row) !== table.offset(at) || index.sizeBytes(row) !== table.sizeBytes(at)) return false;
    if (!equalBytes(index.leafHash(row), table.leafHash(at))) return false;
  }
  return true;
}

function orderOf({ scan: { table }, index, inFileOrder }: JudgeInput): Int32Array {
  const order = Int32Array.from({ length: table.count }, (_, at) => at);
  if (index !== null) {
    index.byOffset().forEach((row, at) => {
      order[row] = at;
    });
    return order;
  }
  return inFileOrder ? order : order.sort((a, b) => table.index(a) - table.index(b) || a - b);
}

/** A record that is not one of this session's, told by itself alone. */
function addStranger(input: JudgeInput, at: number, record: number): void {
  const { scan, faults, sessionId } = input;
  if (scan.cutOff?.at === at) {
    const found = `${scan.table.sizeBytes(at)} bytes, ${scan.cutOff.missingBytes} or more are missing`;
    faults.add('truncated_record', 'a whole record', found, record);
  } else if (scan.table.foreign(at)) {
    faults.add(
      'foreign_record',
      `session ${sessionId}`,
      `session ${scan.foreignIds.get(at) ?? 'of another id'}`,
      record,
    );
  } else {
    const detail = scan.headerFaults.get(at) ?? 'its 128 bytes are no record header';
    faults.addDetail('record_header_invalid', detail, record);
  }
}

/** Walks records in log order by what their own headers say. */
function walkByHeaders(input: JudgeInput): JudgedRecords {
  const { scan, faults } = input;
  const { table } = scan;
  const order = orderOf(input);
  const present = new Set<number>();
  const isOwn = (at: number): boolean => !table.foreign(at) && table.index(at) >= 0 && scan.cutOff?.at !== at;
  for (const at of order) if (isOwn(at)) present.add(table.index(at));
  const place = new Int32Array(order.length).fill(NONE);
  const found = place.slice();
  const seen = new Set<number>();
  const strangers: number[] = [];
  let expected = 0;
  const settleStrangers = (before: number): void => {
    for (const at of strangers.splice(0)) {
      addStranger(input, at, Math.min(expected, before));
      if (expected < found.length && expected < before) found[expected] = at;
      if (expected < before) expected++;
    }
  };
  for (const at of order) {
    const index = table.index(at);
    if (!isOwn(at)) {
      strangers.push(at);
      continue;
    }
    settleStrangers(index);
    if (seen.has(index))
      faults.add('record_duplicated', `record ${expected}`, `record ${index} again`, index);
    else if (index < expected)
      faults.add('record_out_of_order', `record ${expected}`, `record ${index}`, index);
    for (let missing = expected, told = 0; missing < index && told < 100; missing++, told++) {
      if (present.has(missing))
        faults.add('record_out_of_order', `record ${missing}`, `record ${index}`, missing);
      else faults.add('record_missing', `record ${missing}`, `record ${index}`, missing);
    }
    if (!seen.has(index) && index < place.length) place[index] = found[index] = at;
    seen.add(index);
    expected = Math.max(expected, index + 1);
  }
  settleStrangers(Number.POSITIVE_INFINITY);
  return { place, found, whole: !place.includes(NONE) && seen.size === order.length };
}

/** True where the records by their own headers are exactly what was signed; copies of them beside that do not matter. */
function recordsAreSigned({ scan: { table }, signed }: JudgeInput): Int32Array | null {
  if (signed === null || signed.size > table.count) return null;
  const place = new Int32Array(signed.size).fill(NONE);
  for (let at = 0; at < table.count; at++) {
    const index = table.index(at);
    if (table.foreign(at) || index < 0 || index >= signed.size) return null;
    if (place[index] === NONE) place[index] = at;
    else if (!equalBytes(table.leafHash(place[index]!), table.leafHash(at))) return null;
  }
  if (place.includes(NONE)) return null;
  const root = rootOver((index) => table.leafHash(place[index]!), signed.size);
  return equalBytes(root, signed.root) ? place : null;
}

function blameIndex(input: JudgeInput, index: IndexTable, place: Int32Array): JudgedRecords {
  const { scan, faults } = input;
  const { table } = scan;
  for (let at = 0; at < table.count; at++) {
    const record = table.index(at);
    if (place[record] !== at)
      faults.add(
        'record_duplicated',
        `record ${record} once`,
        `a copy of it at byte ${table.offset(at)}`,
        record,
      );
  }
  for (let record = 0; record < place.length; record++) {
    const at = place[record]!;
    const listed = record < index.count;
    const agrees =
      listed &&
      index.offset(record) === table.offset(at) &&
      index.sizeBytes(record) === table.sizeBytes(at) &&
      equalBytes(index.leafHash(record), table.leafHash(at));
    if (agrees) continue;
    const row = (of: IndexTable | RecordTable, number: number): string =>
      `${of.sizeBytes(number)} bytes at byte ${of.offset(number)} with leaf hash ${hex(of.leafHash(number))}`;
    faults.add(
      'index_wrong',
      `as row ${record} ${row(table, at)}`,
      listed ? row(index, record) : 'no such row',
    );
  }
  if (index.count > place.length) faults.add('index_wrong', `${place.length} rows`, `${index.count} rows`);
  return { place, found: place, whole: true };
}

/** The record whose bytes a found record copies, by the index. */
function copiesOf(
  { scan: { table } }: JudgeInput,
  index: IndexTable,
  { place, owner }: Alignment,
): Map<number, number> {
  const unknown = new Map<string, number[]>();
  owner.forEach((row, at) => {
    if (row !== NONE && place[row] === at) return;
    const key = hex(table.leafHash(at));
    const others = unknown.get(key);
    if (others) others.push(at);
    else unknown.set(key, [at]);
  });
  const copies = new Map<number, number>();
  if (unknown.size === 0) return copies;
  for (let row = 0; row < index.count; row++)
    for (const at of unknown.get(hex(index.leafHash(row))) ?? []) copies.set(at, row);
  return copies;
}

function addReplaced(
  input: JudgeInput,
  index: IndexTable,
  record: number,
  at: number,
  copyOf: number | undefined,
): void {
  const { scan, faults } = input;
  const { table } = scan;
  const said = table.index(at);
  if (copyOf !== undefined)
    faults.add('record_duplicated', `record ${record}`, `a copy of record ${copyOf}`, record);
  else if (said < 0 || table.foreign(at) || scan.cutOff?.at === at) addStranger(input, at, record);
  else {
    const other = said === record ? '' : `, its header says record ${said}`;
    const found = `leaf hash ${hex(table.leafHash(at))}${other}`;
    faults.add('record_changed', `leaf hash ${hex(index.leafHash(record))}`, found, record);
  }
}

/** A record that the index does not know, behind record `before`. */
function addSurplus(input: JudgeInput, at: number, before: number, copyOf: number | undefined): void {
  const { scan, faults } = input;
  const { table } = scan;
  const where = `at byte ${table.offset(at)}`;
  if (copyOf !== undefined)
    faults.add('record_duplicated', `record ${copyOf} once`, `a copy of it ${where}`, copyOf);
  else if (table.foreign(at) || table.index(at) < 0 || scan.cutOff?.at === at)
    addStranger(input, at, before + 1);
  else {
    const found = `a record ${where} that says it is record ${table.index(at)}`;
    faults.add('record_duplicated', 'only records of the index', found, table.index(at));
  }
}

function judgeAgainstIndex(input: JudgeInput, index: IndexTable): JudgedRecords {
  const { scan, faults } = input;
  const alignment = alignRecords(scan.table, index);
  const { place, candidate, owner } = alignment;
  const copies = copiesOf(input, index, alignment);
  const faultsBefore = faults.size;
  for (let record = 0; record < index.count; record++) {
    const at = candidate[record]!;
    if (place[record] !== NONE) continue;
    if (at !== NONE) addReplaced(input, index, record, at, copies.get(at));
    else faults.add('record_missing', `leaf hash ${hex(index.leafHash(record))}`, 'no such record', record);
  }
  for (const { expected, found } of misplacedRecords(index, alignment))
    faults.add('record_out_of_order', `record ${expected}`, `record ${found}`, Math.min(expected, found));
  let before = NONE;
  owner.forEach((row, at) => {
    if (row === NONE) addSurplus(input, at, before, copies.get(at));
    else before = row;
  });
  if (faults.size === faultsBefore) {
    const moved = place.findIndex((at, record) => scan.table.offset(at) !== index.offset(record));
    const record = Math.max(0, moved);
    faults.add(
      'index_wrong',
      `as row ${record} byte ${scan.table.offset(place[record]!)}`,
      `byte ${index.offset(record)}`,
    );
  }
  const found = place.map((at, record) => (at === NONE ? candidate[record]! : at));
  return { place, found, whole: false };
}

/** The index describes the signed records and a whole file: then it is the file that was changed, else the index. */
function indexIsSound(
  { scan: { table }, indexedEnd }: JudgeInput,
  index: IndexTable,
  place: Int32Array,
): boolean {
  const sameHashes =
    index.count === place.length &&
    place.every((at, record) => equalBytes(index.leafHash(record), table.leafHash(at)));
  return sameHashes && index.tilingFault(indexedEnd) === null;
}

/** Says where each record of the log is; every deviation goes to `faults`. */
export function judgeRecords(input: JudgeInput): JudgedRecords {
  const { scan, index } = input;
  if (index === null || indexAgrees(scan, index)) return walkByHeaders(input);
  const signedPlace = recordsAreSigned(input);
  return signedPlace === null || indexIsSound(input, index, signedPlace)
    ? judgeAgainstIndex(input, index)
    : blameIndex(input, index, signedPlace);
}
