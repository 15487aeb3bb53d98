/**
 * A finished bundle as a file to read from (docs/evidence-format.md section 7): where its sections and records lie, its
 * documents. Judges only what reading needs; whether the evidence holds is the verifier's question.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  FOOTER_BYTES,
  type Footer,
  INDEX_ROW_BYTES,
  type Manifest,
  PREAMBLE_BYTES,
  parseDocument,
  parsePreamble,
  parseRecordHeader,
  parseSectionHeader,
  RECORD_HEADER_BYTES,
  type Recipients,
  type RecordHeader,
  readFooter,
  SECTION_HEADER_BYTES,
  type SectionTag,
  type SessionHeader,
} from '@lucid/session-format';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

export interface RecordPlace {
  readonly offset: number;
  readonly sizeBytes: number;
}

const damaged = (path: string, what: string): CliError =>
  new CliError('verification_failed', `${path} is damaged: ${what}. See what exactly: lucid verify ${path}`);

function readFully(fd: number, into: Uint8Array, position: number): boolean {
  for (let done = 0; done < into.length; ) {
    const given = readSync(fd, into, done, into.length - done, position + done);
    if (given === 0) return false;
    done += given;
  }
  return true;
}

interface Place {
  readonly at: number;
  readonly sizeBytes: number;
}

/** Call `close` when done. All reads are synchronous. */
export class BundleFile {
  readonly path: string;
  readonly sessionId: string;
  readonly sizeBytes: number;
  readonly footer: Footer;
  readonly #fd: number;
  readonly #places: ReadonlyMap<SectionTag, Place>;
  #index: DataView | null = null;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.sizeBytes = fstatSync(fd).size;
    const preamble = parsePreamble(this.read(0, Math.min(PREAMBLE_BYTES, this.sizeBytes)));
    if (!preamble.ok)
      throw preamble.fault === 'wrong_version'
        ? new CliError(
            'source_unreadable',
            `${path} is a bundle of another format version (${preamble.detail}); use the version of Lucid that wrote it, or a newer one.`,
          )
        : new CliError('source_unreadable', `${path} is not a .lucid bundle (${preamble.detail}).`);
    this.sessionId = preamble.value.sessionId;
    this.footer = this.#readFooter();
    this.#places = this.#readPlaces();
  }

  /** @throws CliError source_unreadable, not_finished, verification_failed */
  static open(path: string): BundleFile {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw new CliError('source_unreadable', `${path} cannot be read: ${plainReason(error)}.`, {
        cause: error,
      });
    }
    try {
      if (!fstatSync(fd).isFile()) throw new CliError('source_unreadable', `${path} is not a regular file.`);
      return new BundleFile(path, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #readFooter(): Footer {
    const room = this.sizeBytes - PREAMBLE_BYTES;
    const footer =
      room < FOOTER_BYTES ? null : readFooter(this.read(this.sizeBytes - FOOTER_BYTES, FOOTER_BYTES));
    if (!footer?.ok)
      throw new CliError(
        'not_finished',
        `${this.path} has no end: the session is still being recorded, or the file was cut off. See: lucid verify ${this.path}`,
      );
    if (footer.value.fileSizeBytes !== this.sizeBytes)
      throw damaged(
        this.path,
        `it should have ${footer.value.fileSizeBytes} bytes and has ${this.sizeBytes}`,
      );
    return footer.value;
  }

  #readPlaces(): Map<SectionTag, Place> {
    const places = new Map<SectionTag, Place>();
    const end = this.sizeBytes - FOOTER_BYTES;
    for (let at = this.footer.trailerOffset; at < end; ) {
      const header = parseSectionHeader(this.read(at, Math.min(SECTION_HEADER_BYTES, end - at)));
      const body = at + SECTION_HEADER_BYTES;
      if (!header.ok || body + header.value.sizeBytes > end)
        throw damaged(this.path, header.ok ? `section ${header.value.tag} is cut off` : header.detail);
      places.set(header.value.tag, { at: body, sizeBytes: header.value.sizeBytes });
      at = body + header.value.sizeBytes;
    }
    return places;
  }

  /** Exactly these bytes, in a buffer of their own. */
  read(offset: number, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    this.readInto(bytes, offset);
    return bytes;
  }

  readInto(into: Uint8Array, offset: number): void {
    try {
      if (readFully(this.#fd, into, offset)) return;
    } catch (error) {
      throw new CliError(
        'source_unreadable',
        `${this.path} cannot be read at byte ${offset}: ${plainReason(error)}.`,
        { cause: error },
      );
    }
    throw damaged(this.path, `it ends before byte ${offset + into.length}`);
  }

  section(tag: SectionTag): Uint8Array | null {
    const place = this.#places.get(tag);
    return place ? this.read(place.at, place.sizeBytes) : null;
  }

  #document<K extends 'manifest' | 'recipients'>(tag: SectionTag, kind: K) {
    const bytes = this.section(tag);
    const parsed = bytes && parseDocument(kind, bytes);
    if (!parsed?.ok) throw damaged(this.path, parsed ? parsed.detail : `section ${tag} is missing`);
    return parsed.value;
  }

  get manifest(): Manifest {
    return this.#document('MANI', 'manifest');
  }

  get recipients(): Recipients {
    const recipients = this.#document('KEYS', 'recipients');
    if (recipients.sessionId !== this.sessionId)
      throw damaged(this.path, 'its list of recipients belongs to another session');
    return recipients;
  }

  get recordCount(): number {
    return Math.floor((this.#places.get('INDX')?.sizeBytes ?? 0) / INDEX_ROW_BYTES);
  }

  /** Where record `index` lies, with one small read. @throws CliError usage, verification_failed */
  placeOf(index: number): RecordPlace {
    const indexPlace = this.#places.get('INDX');
    if (!indexPlace || index < 0 || index >= this.recordCount)
      throw new CliError(
        'usage',
        `${this.path} has records 0 to ${this.recordCount - 1}, no record ${index}.`,
      );
    const row = this.read(indexPlace.at + index * INDEX_ROW_BYTES, 12);
    return this.#judgePlace(new DataView(row.buffer), 0, index);
  }

  /** As `placeOf`, from the whole index read once. */
  placeInIndex(index: number): RecordPlace {
    if (!this.#index) {
      const bytes = this.section('INDX') ?? new Uint8Array(0);
      this.#index = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#judgePlace(this.#index, index * INDEX_ROW_BYTES, index);
  }

  #judgePlace(view: DataView, at: number, index: number): RecordPlace {
    const offset = view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
    const sizeBytes = view.getUint32(at + 8);
    const inside = offset >= PREAMBLE_BYTES && offset + sizeBytes <= this.footer.trailerOffset;
    if (!inside || sizeBytes < RECORD_HEADER_BYTES)
      throw damaged(this.path, `its index is wrong for record ${index}`);
    return { offset, sizeBytes };
  }

  /** The header of a record of which at least that was read, judged to be record `index` of this session. @throws CliError verification_failed */
  headerOf(record: Uint8Array, index: number, sizeBytes = record.length): RecordHeader {
    const parsed = parseRecordHeader(record);
    if (!parsed.ok) throw damaged(this.path, `record ${index} has no valid header (${parsed.detail})`);
    const { header } = parsed;
    if (header.sessionId !== this.sessionId)
      throw damaged(this.path, `record ${index} is of another session`);
    if (header.index !== index)
      throw damaged(this.path, `where record ${index} should be, record ${header.index} is`);
    if (RECORD_HEADER_BYTES + header.payloadSizeBytes !== sizeBytes)
      throw damaged(this.path, `record ${index} has ${sizeBytes} bytes, its header says otherwise`);
    return header;
  }

  /** Record 0. @throws CliError verification_failed */
  get sessionHeader(): SessionHeader {
    const place = this.placeOf(0);
    const record = this.read(place.offset, place.sizeBytes);
    const { type } = this.headerOf(record, 0);
    const parsed = parseDocument('sessionHeader', record.subarray(RECORD_HEADER_BYTES));
    if (type !== 'header' || !parsed.ok)
      throw damaged(this.path, `record 0 is no session header${parsed.ok ? '' : ` (${parsed.detail})`}`);
    return parsed.value;
  }

  /** `more` is said after what to do. */
  damaged(what: string, more = ''): CliError {
    const { code, message } = damaged(this.path, what);
    return new CliError(code, `${message}${more}`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
