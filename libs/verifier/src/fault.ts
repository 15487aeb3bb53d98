/**
 * Everything a verifier can find wrong, as a closed set (docs/evidence-format.md section 8). A fault names what was
 * expected, what was found and, where it touches a record, which one and its moment in the recording.
 */

/** Each code with its sentence; `%` stands for the record it touches. */
const SENTENCES = {
  not_a_bundle: 'This file is not a .lucid bundle',
  wrong_version: 'This bundle is of a format version that this verifier does not know',
  other_evidence: 'This is not the evidence that was asked for',
  preamble_damaged: 'The preamble, the first 64 bytes of the file, was changed',
  truncated_file: 'The end of the file is missing',
  file_size_differs: 'Bytes were removed from or added to the file after it was written',
  trailer_damaged: 'The sections at the end of the file were changed',
  section_missing: 'A section that every bundle has is missing',
  truncated_record: '% is cut off',
  record_changed: '% was changed',
  record_missing: '% is missing',
  record_duplicated: 'A record is there twice, at %',
  record_out_of_order: '% is not in its place',
  foreign_record: '% was replaced by or mixed with a record of another session',
  record_header_invalid: '% has a header that is not valid',
  index_wrong: 'The index at the end of the file (section INDX) does not describe its records',
  root_differs: 'The records are not those that were signed: the root of their tree differs',
  checkpoint_malformed: 'The signed checkpoint (section CKPT) cannot be read',
  foreign_checkpoint: 'The signed checkpoint (section CKPT) belongs to another log',
  checkpoint_signature_wrong: 'The checkpoint is not signed by the recorder of this session',
  recorder_not_pinned: 'The recorder is not one that is trusted here',
  rolled_back: 'This is an older state of the session than one already seen (roll-back)',
  split_view: 'This session was shown with other content before (split view)',
  header_invalid: 'The session header, %, is not valid',
  event_invalid: '% is an event that is not valid',
  track_gap: '% does not continue its track',
  closing_missing:
    'The closing record is missing: the recording was interrupted, is still running, or was cut off',
  closing_wrong: 'The closing record, %, is wrong',
  manifest_malformed: 'The manifest (section MANI) cannot be read',
  manifest_differs: 'The manifest (section MANI) does not agree with the records',
  recipients_malformed: 'The list of recipients (section KEYS) cannot be read',
  foreign_recipients: 'The list of recipients (section KEYS) belongs to another session',
  key_missing: 'No identity at hand opens this session',
  key_wrong: 'The session key is not the one this session was recorded with',
  chunk_does_not_open: '% does not open with the session key',
  anchor_missing: 'The bundle has no anchor',
  anchor_malformed: 'The anchor (section ANCH) cannot be read',
  anchor_differs: 'The anchor (section ANCH) was made for other content',
  anchor_inclusion_wrong: 'The anchored entry is not in the ledger tree that the anchor names',
  anchor_receipt_wrong: 'The receipt of the anchor is not the one of its block',
  anchor_transaction_failed: 'The transaction of the anchor registered nothing',
  anchor_event_wrong: 'The receipt of the anchor has no registration by the contract in its place',
  anchor_batch_wrong: 'The session is not in the batch that was registered',
  anchor_transaction_wrong: 'The transaction of the anchor is not the one of its block',
  anchor_signature_wrong: 'The ledger checkpoint is not signed as it must be',
  ledger_not_pinned: 'The ledger is not one that is trusted here',
} as const;

export type FaultCode = keyof typeof SENTENCES;
export const faultCodes = Object.keys(SENTENCES) as readonly FaultCode[];

export interface Fault {
  readonly code: FaultCode;
  /** Index in the session's log. */
  readonly record?: number;
  /** The moment of the recording it touches, microseconds since the Unix epoch. */
  readonly atUs?: number;
  /** Where in the file the record begins, or what lies in its place. */
  readonly offset?: number;
  readonly expected: string;
  readonly found: string;
  /** One sentence for people; holds all of the above. */
  readonly message: string;
}

export interface FoundFault extends Omit<Fault, 'atUs' | 'offset' | 'message'> {
  /** A clause that says it in place of "expected …, found …". */
  readonly detail?: string;
}

/** Where a fault lies, as far as that is known. */
export interface FaultPlace {
  readonly atUs?: number;
  readonly offset?: number;
}

/** As in "record 4 (recorded at …, byte 1234 of the file)". */
export function recordText(record: number, { atUs, offset }: FaultPlace): string {
  const places = [
    ...(atUs === undefined ? [] : [`recorded at ${timeText(atUs)}`]),
    ...(offset === undefined ? [] : [`byte ${offset} of the file`]),
  ];
  return `record ${record}${places.length === 0 ? '' : ` (${places.join(', ')})`}`;
}

/** ISO 8601 with microseconds; times beyond what a Date holds stay numbers. */
export function timeText(atUs: number): string {
  const date = new Date(Math.floor(atUs / 1000));
  if (Number.isNaN(date.getTime())) return `${atUs} us`;
  return date.toISOString().replace('Z', `${String(atUs % 1000).padStart(3, '0')}Z`);
}

export function toFault({ detail, ...found }: FoundFault, place: FaultPlace = {}): Fault {
  const { code, record } = found;
  const subject = record === undefined ? 'a record' : recordText(record, place);
  const sentence = SENTENCES[code].replace('%', subject);
  const located =
    record !== undefined && !SENTENCES[code].includes('%') ? `${sentence}, at ${subject}` : sentence;
  const what = detail ?? `expected ${found.expected}, found ${found.found}`;
  const message = `${located[0]?.toUpperCase()}${located.slice(1)}: ${what}.`;
  return { ...found, ...(record === undefined ? {} : place), message };
}

/** Faults listed in a verdict at most; a file of nothing but damage must not fill the memory. */
export const MAX_FAULTS = 100;

/** Collects faults in the order in which checks find them, each (code, record) once. */
export class FaultList {
  readonly #faults: FoundFault[] = [];
  readonly #known = new Set<string>();
  #omitted = 0;

  add(code: FaultCode, expected: string, found: string, record?: number): void {
    this.#push({ code, ...(record === undefined ? {} : { record }), expected, found });
  }

  /** What a reader of a format says of what it could not read. */
  addDetail(code: FaultCode, detail: string, record?: number): void {
    const [, expected = 'what the format says', found = detail] =
      /^expected (.+), found (.+)$/s.exec(detail) ?? [];
    this.#push({ code, ...(record === undefined ? {} : { record }), expected, found, detail });
  }

  #push(fault: FoundFault): void {
    const { code, record, expected, found } = fault;
    const id = record === undefined ? `${code} ${expected} ${found}` : `${code} ${record}`;
    if (this.#known.has(id)) return;
    if (this.#faults.length === MAX_FAULTS) {
      this.#omitted++;
      return;
    }
    this.#known.add(id);
    this.#faults.push(fault);
  }

  has(...codes: readonly FaultCode[]): boolean {
    return this.#faults.some(({ code }) => codes.includes(code));
  }

  get size(): number {
    return this.#faults.length + this.#omitted;
  }

  get omitted(): number {
    return this.#omitted;
  }

  list(): readonly FoundFault[] {
    return this.#faults;
  }
}
