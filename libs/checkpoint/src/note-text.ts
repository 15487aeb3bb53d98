/**
 * The text form of C2SP signed notes (https://c2sp.org/signed-note), without any key:
 *
 *     text, each line ended by a newline
 *     (blank line; the last one of the note)
 *     — NAME BASE64(4-byte key id || signature)
 *
 * Stricter than Go's parser in one point: base64 must be canonical.
 */
import { base64ToBytes, bytesToBase64, bytesToUtf8, concatBytes, isBytes, utf8ToBytes } from '@lucid/bytes';
import { NoteError } from './error.ts';

export interface NoteSignature {
  readonly name: string;
  /** The first 4 bytes behind the name, big-endian. */
  readonly keyId: number;
  /** What follows the key id; its form belongs to the algorithm. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends with a newline; this text is what signatures cover. */
  readonly text: string;
  /** In the order of the note, at least one when parsed. */
  readonly signatures: readonly NoteSignature[];
}

const NOTE_MAX_BYTES = 1_000_000;
const SIGNATURES_MAX = 100;
const KEY_ID_SIZE_BYTES = 4;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([^ ]+)$/u;
/** Any control character of ASCII but the newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
const NAME = /^[^\p{White_Space}+]+$/u;

export const isNoteName = (name: string): boolean => NAME.test(name) && !CONTROL.test(name);

export function keyIdToBytes(keyId: number): Uint8Array {
  const bytes = new Uint8Array(KEY_ID_SIZE_BYTES);
  new DataView(bytes.buffer).setUint32(0, keyId);
  return bytes;
}

export const bytesToKeyId = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, KEY_ID_SIZE_BYTES).getUint32(0);

function decodeBase64(text: string): Uint8Array {
  try {
    return base64ToBytes(text);
  } catch (cause) {
    throw new NoteError('malformed-signature', { cause });
  }
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined || !isNoteName(name)) {
    throw new NoteError('malformed-signature');
  }
  const bytes = decodeBase64(base64);
  if (bytes.length <= KEY_ID_SIZE_BYTES) throw new NoteError('malformed-signature');
  return { name, keyId: bytesToKeyId(bytes), signature: bytes.slice(KEY_ID_SIZE_BYTES) };
}

function decodeNote(note: Uint8Array | string): string {
  if (!isBytes(note) && typeof note !== 'string') throw new TypeError('parseNote: expected bytes or string');
  if (note.length > NOTE_MAX_BYTES) throw new NoteError('too-large');
  try {
    const bytes = typeof note === 'string' ? utf8ToBytes(note) : note;
    if (bytes.length > NOTE_MAX_BYTES) throw new NoteError('too-large');
    return typeof note === 'string' ? note : bytesToUtf8(bytes);
  } catch (cause) {
    throw cause instanceof NoteError ? cause : new NoteError('malformed-note', { cause });
  }
}

/** @throws TypeError where `note` is neither bytes nor string; NoteError where it is no signed note. */
export function parseNote(note: Uint8Array | string): Note {
  const whole = decodeNote(note);
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n') || CONTROL.test(whole)) throw new NoteError('malformed-note');
  const text = whole.slice(0, blank + 1);
  const block = whole.slice(blank + 2, -1);
  if (whole.length <= blank + 2) throw new NoteError('malformed-note');
  const lines = block.split('\n', SIGNATURES_MAX + 1);
  if (lines.length > SIGNATURES_MAX) throw new NoteError('too-many-signatures');
  return { text, signatures: lines.map(parseSignatureLine) };
}

/** @throws NoteError `malformed-note` where the text could not be read back as it is. */
export function assertNoteText(text: string): void {
  if (typeof text !== 'string') throw new TypeError('note text: expected string');
  if (!text.endsWith('\n') || CONTROL.test(text)) throw new NoteError('malformed-note');
}

const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `\u2014 ${name} ${bytesToBase64(concatBytes(keyIdToBytes(keyId), signature))}\n`;

/** The note as text; what it returns is what `parseNote` takes. @throws NoteError */
export function formatNote(note: Note): string {
  assertNoteText(note.text);
  if (note.signatures.length === 0) throw new NoteError('malformed-note');
  if (note.signatures.length > SIGNATURES_MAX) throw new NoteError('too-many-signatures');
  for (const { name } of note.signatures) if (!isNoteName(name)) throw new NoteError('malformed-name');
  const whole = `${note.text}\n${note.signatures.map(formatSignature).join('')}`;
  decodeNote(whole);
  return whole;
}
