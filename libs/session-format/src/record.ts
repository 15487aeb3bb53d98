/**
 * The record: 128 header bytes and a payload. Layout and rules: docs/evidence-format.md section 1.1.
 *
 * Parsing judges form only (magic, ranges, reserved bits); whether a record belongs where it lies is the verifier's
 * question. All integers are big-endian.
 */
import { bytesToHex, hexToBytes, isHex } from '@lucid/bytes';

export const RECORD_HEADER_BYTES = 128;
export const RECORD_MAGIC = 0x4c524543; // "LREC"
export const FORMAT_VERSION = 1;
export const SESSION_ID_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
export const MIN_CHUNK_BYTES = 65_536;
export const MAX_CHUNK_BYTES = 16_777_216;
/** The longest control payload accepted: a bound for readers, far above any real one. */
export const MAX_CONTROL_BYTES = 1_048_576;

export const recordTypes = { header: 1, chunk: 2, event: 3, close: 4 } as const;
export type RecordType = keyof typeof recordTypes;

export const recordFlags = { compressed: 0x0001, sealed: 0x0002 } as const;

const typeByCode: Readonly<Record<number, RecordType>> = { 1: 'header', 2: 'chunk', 3: 'event', 4: 'close' };

export interface RecordHeader {
  readonly type: RecordType;
  readonly compressed: boolean;
  readonly sealed: boolean;
  /** 64 hex digits. */
  readonly sessionId: string;
  readonly index: number;
  readonly track: number;
  readonly payloadSizeBytes: number;
  readonly capturedFromUs: number;
  readonly capturedUntilUs: number;
  readonly plainOffset: number;
  readonly plainSizeBytes: number;
  readonly packedSizeBytes: number;
  /** 24 bytes; zero where the record is not sealed. */
  readonly nonce: Uint8Array;
}

export const recordFaults = [
  'truncated',
  'wrong_magic',
  'wrong_version',
  'unknown_type',
  'unknown_flags',
  'number_too_large',
  'reserved_not_zero',
  'wrong_key_epoch',
  'times_reversed',
  'sizes_disagree',
  'control_not_plain',
  'chunk_not_sealed',
] as const;
export type RecordFault = (typeof recordFaults)[number];

export type ParsedRecordHeader =
  | { readonly ok: true; readonly header: RecordHeader }
  | { readonly ok: false; readonly fault: RecordFault; readonly detail: string };

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const SAFE_HIGH_WORD = 0x1f_ffff;

function setU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / 0x1_0000_0000));
  view.setUint32(offset + 4, value >>> 0);
}

/** A u64 as a safe integer; -1 where it exceeds 2^53 - 1. */
function getU64(view: DataView, offset: number): number {
  const high = view.getUint32(offset);
  return high > SAFE_HIGH_WORD ? -1 : high * 0x1_0000_0000 + view.getUint32(offset + 4);
}

function assertU53(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} must be an integer from 0 to 2^53-1`);
}

function assertUint(value: number, max: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new RangeError(`${name} must be an integer from 0 to ${max}`);
}

/** Numbers that do not fit would be written modulo their field, so they are refused. */
function assertNumbers(header: RecordHeader): void {
  for (const name of ['index', 'capturedFromUs', 'capturedUntilUs', 'plainOffset'] as const)
    assertU53(header[name], name);
  assertUint(header.track, 0xffff, 'track');
  for (const name of ['payloadSizeBytes', 'plainSizeBytes', 'packedSizeBytes'] as const)
    assertUint(header[name], 0xffff_ffff, name);
}

/** Writes the 128 header bytes into `into` (at least 128 bytes long) and returns exactly those bytes as a view. */
export function encodeRecordHeader(
  header: RecordHeader,
  into = new Uint8Array(RECORD_HEADER_BYTES),
): Uint8Array {
  if (!isHex(header.sessionId, SESSION_ID_BYTES))
    throw new TypeError('sessionId must be 64 lower-case hex digits');
  if (header.nonce.length !== NONCE_BYTES) throw new RangeError('nonce must be 24 bytes');
  if (into.length < RECORD_HEADER_BYTES) throw new RangeError('a record header needs 128 bytes');
  assertNumbers(header);
  const bytes = into.subarray(0, RECORD_HEADER_BYTES);
  const view = viewOf(bytes);
  bytes.fill(0);
  view.setUint32(0, RECORD_MAGIC);
  bytes[4] = FORMAT_VERSION;
  bytes[5] = recordTypes[header.type];
  view.setUint16(
    6,
    (header.compressed ? recordFlags.compressed : 0) | (header.sealed ? recordFlags.sealed : 0),
  );
  bytes.set(hexToBytes(header.sessionId), 8);
  setU64(view, 40, header.index);
  view.setUint16(48, header.track);
  view.setUint32(52, header.payloadSizeBytes);
  setU64(view, 56, header.capturedFromUs);
  setU64(view, 64, header.capturedUntilUs);
  setU64(view, 72, header.plainOffset);
  view.setUint32(80, header.plainSizeBytes);
  view.setUint32(84, header.packedSizeBytes);
  bytes.set(header.nonce, 88);
  return bytes;
}

function frameFault(bytes: Uint8Array, view: DataView): { fault: RecordFault; detail: string } | null {
  if (view.getUint32(0) !== RECORD_MAGIC) {
    return {
      fault: 'wrong_magic',
      detail: `expected magic 4c524543, found ${bytesToHex(bytes.subarray(0, 4))}`,
    };
  }
  if (bytes[4] !== FORMAT_VERSION)
    return { fault: 'wrong_version', detail: `expected version 1, found ${bytes[4]}` };
  if (!typeByCode[bytes[5] ?? 0])
    return { fault: 'unknown_type', detail: `type ${bytes[5]} is not one of 1 to 4` };
  const flags = view.getUint16(6);
  if ((flags & ~3) !== 0)
    return { fault: 'unknown_flags', detail: `flags 0x${flags.toString(16)} are not all known` };
  if (view.getUint16(50) !== 0)
    return { fault: 'wrong_key_epoch', detail: `expected key epoch 0, found ${view.getUint16(50)}` };
  for (let at = 112; at < RECORD_HEADER_BYTES; at++) {
    if (bytes[at] !== 0)
      return { fault: 'reserved_not_zero', detail: `reserved byte ${at} is ${bytes[at]}, not 0` };
  }
  for (const [name, offset] of [
    ['index', 40],
    ['captured from', 56],
    ['captured until', 64],
    ['plain offset', 72],
  ] as const) {
    if (getU64(view, offset) < 0) return { fault: 'number_too_large', detail: `${name} exceeds 2^53-1` };
  }
  return null;
}

function sizesFault(header: RecordHeader): { fault: RecordFault; detail: string } | null {
  const { payloadSizeBytes: payload, packedSizeBytes: packed, plainSizeBytes: plain } = header;
  if (header.capturedUntilUs < header.capturedFromUs) {
    return {
      fault: 'times_reversed',
      detail: `until ${header.capturedUntilUs} is before from ${header.capturedFromUs}`,
    };
  }
  const disagree = (detail: string) => ({ fault: 'sizes_disagree' as const, detail });
  if (header.type === 'chunk') {
    if (!header.sealed) return { fault: 'chunk_not_sealed', detail: 'a chunk must be sealed' };
    if (plain < 1 || plain > MAX_CHUNK_BYTES)
      return disagree(`plain size ${plain} is not in 1 to ${MAX_CHUNK_BYTES}`);
    if (payload !== packed + TAG_BYTES)
      return disagree(`payload size ${payload} is not packed size ${packed} + 16`);
    const sound = header.compressed ? packed < plain && packed > 0 : packed === plain;
    return sound ? null : disagree(`packed size ${packed} does not fit plain size ${plain}`);
  }
  const plainControl = !header.sealed && !header.compressed && header.track === 0 && header.plainOffset === 0;
  if (!plainControl || header.nonce.some((byte) => byte !== 0)) {
    return {
      fault: 'control_not_plain',
      detail: `a ${header.type} record is neither sealed nor compressed nor of a track`,
    };
  }
  if (payload !== plain || packed !== plain)
    return disagree(`payload ${payload}, packed ${packed}, plain ${plain} must be equal`);
  return plain > MAX_CONTROL_BYTES ? disagree(`control payload of ${plain} bytes`) : null;
}

/** Reads the first 128 of `bytes`. Never throws: says which rule the bytes break. */
export function parseRecordHeader(bytes: Uint8Array): ParsedRecordHeader {
  if (bytes.length < RECORD_HEADER_BYTES) {
    return { ok: false, fault: 'truncated', detail: `expected 128 header bytes, found ${bytes.length}` };
  }
  const view = viewOf(bytes);
  const fault = frameFault(bytes, view);
  if (fault) return { ok: false, ...fault };
  const flags = view.getUint16(6);
  const header: RecordHeader = {
    type: typeByCode[bytes[5] ?? 0] as RecordType,
    compressed: (flags & recordFlags.compressed) !== 0,
    sealed: (flags & recordFlags.sealed) !== 0,
    sessionId: bytesToHex(bytes.subarray(8, 40)),
    index: getU64(view, 40),
    track: view.getUint16(48),
    payloadSizeBytes: view.getUint32(52),
    capturedFromUs: getU64(view, 56),
    capturedUntilUs: getU64(view, 64),
    plainOffset: getU64(view, 72),
    plainSizeBytes: view.getUint32(80),
    packedSizeBytes: view.getUint32(84),
    // Not `slice`: of a Node Buffer that would be a view of memory the caller may use again.
    nonce: new Uint8Array(bytes.subarray(88, 112)),
  };
  const unsound = sizesFault(header);
  return unsound ? { ok: false, ...unsound } : { ok: true, header };
}

export interface ControlRecordFields {
  readonly type: Exclude<RecordType, 'chunk'>;
  readonly sessionId: string;
  readonly index: number;
  readonly atUs: number;
  /** Canonical JSON. */
  readonly payload: Uint8Array;
}

const NO_NONCE = new Uint8Array(NONCE_BYTES);

/** A header, event or close record as its two parts in writing order: 128 header bytes, payload. */
export function encodeControlRecord({
  type,
  sessionId,
  index,
  atUs,
  payload,
}: ControlRecordFields): [Uint8Array, Uint8Array] {
  if (payload.length > MAX_CONTROL_BYTES) throw new RangeError('a control payload is at most 1 MiB');
  const size = payload.length;
  const header = encodeRecordHeader({
    type,
    compressed: false,
    sealed: false,
    sessionId,
    index,
    track: 0,
    payloadSizeBytes: size,
    capturedFromUs: atUs,
    capturedUntilUs: atUs,
    plainOffset: 0,
    plainSizeBytes: size,
    packedSizeBytes: size,
    nonce: NO_NONCE,
  });
  return [header, payload];
}
