/**
 * One pass over the record area in file order: one SHA-256 over each record's bytes, headers and control payloads parsed, with
 * a session key every chunk opened.
 *
 * Frames. A record's own header says how long it is, and so does the index. Where both agree, that is the frame. Where they differ
 * or the header is damaged, the end at which another record begins is taken; failing that, the next place where a record
 * begins. So damage inside one record never hides the records behind it.
 */
import { createSha256 } from '@lucid/crypto';
import { leafHash } from '@lucid/merkle';
import {
  type EventDetail,
  type ParsedDocument,
  PREAMBLE_BYTES,
  parseDocument,
  parseRecordHeader,
  parseSectionHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  SECTION_HEADER_BYTES,
  type SessionEvent,
} from '@lucid/session-format';
import { type BundleReader, ByteWindow, readAt } from './byte-window.ts';
import { findNextRecord } from './find-record.ts';
import type { IndexTable } from './index-table.ts';
import type { ChunkOpener } from './opening.ts';
import { RecordTable } from './record-table.ts';
import type { RecordHashes, VerifyProgress } from './verdict.ts';

export interface ScanInput {
  readonly reader: BundleReader;
  readonly sessionId: string;
  /** Where the record area ends; null where only the records themselves can tell. */
  readonly recordsEnd: number | null;
  readonly index: IndexTable | null;
  readonly opener: ChunkOpener | null;
  readonly recordHashes: RecordHashes;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

/** All maps are by number in file order. */
export interface ScanResult {
  readonly table: RecordTable;
  /** Where the record area ended. */
  readonly recordsEnd: number;
  readonly headerFaults: ReadonlyMap<number, string>;
  readonly foreignIds: ReadonlyMap<number, string>;
  /** The last record, where bytes of it are missing. */
  readonly cutOff: { readonly at: number; readonly missingBytes: number } | null;
  readonly headers: ReadonlyMap<number, ParsedDocument<'sessionHeader'>>;
  readonly closes: ReadonlyMap<number, ParsedDocument<'sessionClose'>>;
  readonly eventFaults: ReadonlyMap<number, string>;
  /** Details of its `policy` events, in order. */
  readonly policyDetails: readonly EventDetail[];
  readonly openFaults: ReadonlyMap<number, string>;
  readonly openedChunks: number;
  /** Chunks whose leaf hash was taken from the index. */
  readonly skippedChunks: number;
}

/** Details of more records than a verdict lists are of no use. */
const MAX_DETAILS = 1000;
/** Policy, terms and consents stand at the front; nobody fills our memory with what follows. */
const MAX_POLICY_DETAILS = 1000;
/** Up to here one call hashes prefix and record; beyond, the bytes are hashed piece by piece where they lie. */
const SMALL_RECORD_BYTES = 4096;
const LEAF_PREFIX = Uint8Array.of(0);
/** Where chunks are skipped: about what a read of one header costs anyway. */
const HEADER_WINDOW_BYTES = 4096;

interface Frame {
  readonly sizeBytes: number;
  readonly header: RecordHeader | null;
  readonly detail: string;
  readonly missingBytes: number;
}

const note = <T>(map: Map<number, T>, at: number, value: T): void => {
  if (map.size < MAX_DETAILS) map.set(at, value);
};

/** Scans the records of a bundle or of an unfinished session. @throws VerifyError unreadable, too_large */
export const scanRecords = (input: ScanInput): Promise<ScanResult> => new Scan(input).run();

class Scan {
  readonly #input: ScanInput;
  readonly #window: ByteWindow;
  readonly #end: number;
  readonly #table: RecordTable;
  readonly #headerFaults = new Map<number, string>();
  readonly #foreignIds = new Map<number, string>();
  readonly #headers = new Map<number, ParsedDocument<'sessionHeader'>>();
  readonly #closes = new Map<number, ParsedDocument<'sessionClose'>>();
  readonly #eventFaults = new Map<number, string>();
  readonly #openFaults = new Map<number, string>();
  readonly #policyDetails: EventDetail[] = [];
  #cutOff: ScanResult['cutOff'] = null;
  #openedChunks = 0;
  #skippedChunks = 0;
  #nextRow = 0;

  constructor(input: ScanInput) {
    this.#input = input;
    this.#window =
      input.recordHashes === 'from-index'
        ? new ByteWindow(input.reader, HEADER_WINDOW_BYTES)
        : new ByteWindow(input.reader);
    this.#end = input.recordsEnd ?? input.reader.sizeBytes;
    this.#table = new RecordTable(input.index?.count);
  }

  async run(): Promise<ScanResult> {
    let at = PREAMBLE_BYTES;
    while (at < this.#end) {
      if (this.#window.available(at) < RECORD_HEADER_BYTES) {
        this.#input.onProgress?.({ doneBytes: at, totalBytes: this.#input.reader.sizeBytes });
        await this.#window.load(at, Math.min(RECORD_HEADER_BYTES, this.#end - at));
      }
      const frame = this.#frameByHeader(at) ?? (await this.#frameOfDamaged(at));
      if (frame === null) break;
      await this.#take(at, frame);
      at += frame.sizeBytes;
    }
    this.#input.onProgress?.({ doneBytes: at, totalBytes: this.#input.reader.sizeBytes });
    return {
      table: this.#table,
      recordsEnd: at,
      headerFaults: this.#headerFaults,
      foreignIds: this.#foreignIds,
      cutOff: this.#cutOff,
      headers: this.#headers,
      closes: this.#closes,
      eventFaults: this.#eventFaults,
      policyDetails: this.#policyDetails,
      openFaults: this.#openFaults,
      openedChunks: this.#openedChunks,
      skippedChunks: this.#skippedChunks,
    };
  }

  /** Where the record at `at` ends by the index; null where the index has none there. */
  #endByIndex(at: number): number | null {
    const { index } = this.#input;
    if (index === null) return null;
    const rows = index.byOffset();
    while (this.#nextRow < rows.length && index.offset(rows[this.#nextRow]!) < at) this.#nextRow++;
    const row = rows[this.#nextRow];
    if (row === undefined || index.offset(row) !== at) return null;
    const end = at + index.sizeBytes(row);
    return end <= this.#end && end - at >= RECORD_HEADER_BYTES ? end : null;
  }

  /** The frame where the header is valid and the index, if any, does not contradict it. */
  #frameByHeader(at: number): Frame | null {
    if (this.#end - at < RECORD_HEADER_BYTES) return null;
    const parsed = parseRecordHeader(this.#window.view(at, RECORD_HEADER_BYTES));
    if (!parsed.ok) return null;
    const sizeBytes = RECORD_HEADER_BYTES + parsed.header.payloadSizeBytes;
    if (at + sizeBytes > this.#end) return null;
    const indexed = this.#endByIndex(at);
    return indexed === null || indexed === at + sizeBytes
      ? { sizeBytes, header: parsed.header, detail: '', missingBytes: 0 }
      : null;
  }

  async #beginsAt(at: number): Promise<boolean> {
    if (at === this.#end) return true;
    if (at + RECORD_HEADER_BYTES > this.#end) return false;
    return parseRecordHeader(await readAt(this.#input.reader, at, RECORD_HEADER_BYTES)).ok;
  }

  /** The frame of a record whose header is damaged or at odds with the index; null at the end of the records. */
  async #frameOfDamaged(at: number): Promise<Frame | null> {
    const available = Math.min(RECORD_HEADER_BYTES, this.#end - at);
    const head = this.#window.view(at, available);
    const parsed = parseRecordHeader(head);
    if (
      !parsed.ok &&
      this.#input.recordsEnd === null &&
      parseSectionHeader(head.subarray(0, SECTION_HEADER_BYTES)).ok
    )
      return null;
    const header = parsed.ok ? parsed.header : null;
    const detail = parsed.ok ? '' : parsed.detail;
    const said = header === null ? null : at + RECORD_HEADER_BYTES + header.payloadSizeBytes;
    for (const end of [said, this.#endByIndex(at)]) {
      if (end !== null && end <= this.#end && (await this.#beginsAt(end)))
        return { sizeBytes: end - at, header, detail, missingBytes: 0 };
    }
    const next = await findNextRecord(this.#input.reader, at + 1, this.#end, this.#input.recordsEnd === null);
    const behindClosing = this.#table.count > 0 && this.#table.type(this.#table.count - 1) === 'close';
    if (next === null && header === null && behindClosing && this.#input.recordsEnd === null) return null;
    const missingBytes =
      next !== null ? 0 : said !== null ? Math.max(0, said - this.#end) : RECORD_HEADER_BYTES - available;
    return { sizeBytes: (next ?? this.#end) - at, header, detail, missingBytes };
  }

  async #take(offset: number, { sizeBytes, header, detail, missingBytes }: Frame): Promise<void> {
    const foreign = header !== null && header.sessionId !== this.#input.sessionId;
    const whole = header !== null && sizeBytes === RECORD_HEADER_BYTES + header.payloadSizeBytes;
    const contiguous = whole && (header.type !== 'chunk' || this.#input.opener !== null);
    if (contiguous) await this.#window.load(offset, sizeBytes);
    const at = this.#table.count;
    if (contiguous && !foreign) this.#readPayload(at, header, this.#window.view(offset, sizeBytes));
    const hash = this.#hashFromIndex(offset, sizeBytes, header) ?? (await this.#hash(offset, sizeBytes));
    this.#table.push({ offset, sizeBytes, header, foreign, leafHash: hash });
    if (header === null) note(this.#headerFaults, at, detail);
    if (foreign) note(this.#foreignIds, at, header.sessionId);
    if (missingBytes > 0) this.#cutOff = { at, missingBytes };
  }

  /** The leaf hash of a chunk as the index has it, where chunks are not to be read again; null where the bytes must be hashed. */
  #hashFromIndex(offset: number, sizeBytes: number, header: RecordHeader | null): Uint8Array | null {
    const { index, recordHashes, opener } = this.#input;
    if (recordHashes === 'read' || index === null || opener !== null || header?.type !== 'chunk') return null;
    if (this.#endByIndex(offset) !== offset + sizeBytes) return null;
    const row = index.byOffset()[this.#nextRow];
    if (row === undefined) return null;
    this.#skippedChunks++;
    return index.leafHash(row);
  }

  #readPayload(at: number, header: RecordHeader, record: Uint8Array): void {
    const payload = record.subarray(RECORD_HEADER_BYTES);
    if (header.type === 'header') note(this.#headers, at, parseDocument('sessionHeader', payload));
    else if (header.type === 'close') note(this.#closes, at, parseDocument('sessionClose', payload));
    else if (header.type === 'event') {
      const parsed = parseDocument('sessionEvent', payload);
      if (!parsed.ok) note(this.#eventFaults, at, parsed.detail);
      else this.#notePolicy(parsed.value);
    } else {
      const fault = this.#input.opener?.open(header, record) ?? null;
      if (fault === null) this.#openedChunks++;
      else note(this.#openFaults, at, fault);
    }
  }

  #notePolicy({ event, detail }: SessionEvent): void {
    if (event === 'policy' && detail && this.#policyDetails.length < MAX_POLICY_DETAILS)
      this.#policyDetails.push(detail);
  }

  async #hash(offset: number, sizeBytes: number): Promise<Uint8Array> {
    if (sizeBytes <= SMALL_RECORD_BYTES) {
      await this.#window.load(offset, sizeBytes);
      return leafHash(this.#window.view(offset, sizeBytes));
    }
    const hash = createSha256().update(LEAF_PREFIX);
    for (let at = offset; at < offset + sizeBytes; ) {
      if (this.#window.available(at) === 0) await this.#window.load(at, 1);
      const part = Math.min(this.#window.available(at), offset + sizeBytes - at);
      hash.update(this.#window.view(at, part));
      at += part;
    }
    return hash.digest();
  }
}
