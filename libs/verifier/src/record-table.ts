/** What a scan found, one row for each record in file order, in columns of numbers: about 90 bytes a record. */
import type { RecordHeader, RecordType } from '@lucid/session-format';
import { HASH_BYTES } from './index-table.ts';
import { VerifyError } from './verdict.ts';

/** About 1.5 GB of columns; 64 years of one record every two minutes, or 16 TB in chunks of 1 MiB. */
const MAX_RECORDS = 16_777_216;

const typeCodes: Readonly<Record<RecordType, number>> = { header: 1, chunk: 2, event: 3, close: 4 };
export const recordTypeOf = (code: number): RecordType | null =>
  code === 1 ? 'header' : code === 2 ? 'chunk' : code === 3 ? 'event' : code === 4 ? 'close' : null;

const grown = <T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  column: T,
  length: number,
): T => {
  const larger = new (column.constructor as new (length: number) => T)(length);
  larger.set(column);
  return larger;
};

export interface FoundRecord {
  readonly offset: number;
  readonly sizeBytes: number;
  /** Null where its 128 bytes are no valid header. */
  readonly header: RecordHeader | null;
  readonly foreign: boolean;
  readonly leafHash: Uint8Array;
}

export class RecordTable {
  count = 0;
  #offset: Float64Array;
  #size: Float64Array;
  #index: Float64Array;
  #from: Float64Array;
  #until: Float64Array;
  #plainOffset: Float64Array;
  #plainSize: Uint32Array;
  #track: Uint16Array;
  #type: Uint8Array;
  #foreign: Uint8Array;
  #leaf: Uint8Array;

  constructor(expectedRecords = 1024) {
    const length = Math.min(Math.max(expectedRecords, 16), MAX_RECORDS);
    this.#offset = new Float64Array(length);
    this.#size = new Float64Array(length);
    this.#index = new Float64Array(length);
    this.#from = new Float64Array(length);
    this.#until = new Float64Array(length);
    this.#plainOffset = new Float64Array(length);
    this.#plainSize = new Uint32Array(length);
    this.#track = new Uint16Array(length);
    this.#type = new Uint8Array(length);
    this.#foreign = new Uint8Array(length);
    this.#leaf = new Uint8Array(length * HASH_BYTES);
  }

  #grow(): void {
    const length = this.#offset.length * 2;
    this.#offset = grown(this.#offset, length);
    this.#size = grown(this.#size, length);
    this.#index = grown(this.#index, length);
    this.#from = grown(this.#from, length);
    this.#until = grown(this.#until, length);
    this.#plainOffset = grown(this.#plainOffset, length);
    this.#plainSize = grown(this.#plainSize, length);
    this.#track = grown(this.#track, length);
    this.#type = grown(this.#type, length);
    this.#foreign = grown(this.#foreign, length);
    this.#leaf = grown(this.#leaf, length * HASH_BYTES);
  }

  /** Its number in file order. @throws VerifyError too_large */
  push({ offset, sizeBytes, header, foreign, leafHash }: FoundRecord): number {
    if (this.count === MAX_RECORDS)
      throw new VerifyError('too_large', `This verifier holds at most ${MAX_RECORDS} records.`);
    if (this.count === this.#offset.length) this.#grow();
    const at = this.count++;
    this.#offset[at] = offset;
    this.#size[at] = sizeBytes;
    this.#leaf.set(leafHash, at * HASH_BYTES);
    this.#foreign[at] = foreign ? 1 : 0;
    this.#index[at] = header?.index ?? -1;
    if (header === null) return at;
    this.#from[at] = header.capturedFromUs;
    this.#until[at] = header.capturedUntilUs;
    this.#plainOffset[at] = header.plainOffset;
    this.#plainSize[at] = header.plainSizeBytes;
    this.#track[at] = header.track;
    this.#type[at] = typeCodes[header.type];
    return at;
  }

  offset = (at: number): number => this.#offset[at]!;
  sizeBytes = (at: number): number => this.#size[at]!;
  /** What its header says; -1 without a valid header. */
  index = (at: number): number => this.#index[at]!;
  capturedFromUs = (at: number): number => this.#from[at]!;
  capturedUntilUs = (at: number): number => this.#until[at]!;
  plainOffset = (at: number): number => this.#plainOffset[at]!;
  plainSizeBytes = (at: number): number => this.#plainSize[at]!;
  track = (at: number): number => this.#track[at]!;
  /** Null without a valid header. */
  type = (at: number): RecordType | null => recordTypeOf(this.#type[at]!);
  foreign = (at: number): boolean => this.#foreign[at] === 1;
  leafHash = (at: number): Uint8Array => this.#leaf.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}
