/**
 * Checkpoints (https://c2sp.org/tlog-checkpoint): the text of a signed note that states the size and root of a log.
 *
 *     ORIGIN\n SIZE in decimal\n BASE64(32-byte root)\n extension lines, each not empty
 */
import { assertBytes, base64ToBytes, bytesToBase64, isWellFormedText } from '@lucid/bytes';
import { NoteError } from './error.ts';

export interface Checkpoint {
  /** Names the log; one line, not empty. */
  readonly origin: string;
  /** Number of leaves, a safe integer. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines without their newlines; not empty each. */
  readonly extensions?: readonly string[];
}

const ROOT_SIZE_BYTES = 32;
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;
/** A line of a note: not empty, no control characters of ASCII. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
const LINE = /^[^\x00-\x1f]+$/;

const isLine = (line: unknown): line is string =>
  typeof line === 'string' && LINE.test(line) && isWellFormedText(line);

/** @throws TypeError or RangeError where a part is not what `Checkpoint` says. */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  assertBytes(root, 'checkpoint root', ROOT_SIZE_BYTES);
  if (typeof size !== 'number') throw new TypeError('checkpoint size: expected number');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('checkpoint size: not a safe integer');
  if (!isLine(origin)) throw new RangeError('checkpoint origin: not a line of text');
  if (!extensions.every(isLine)) throw new RangeError('checkpoint extension: not a line of text');
  return [origin, String(size), bytesToBase64(root), ...extensions, ''].join('\n');
}

function parseRoot(base64: string): Uint8Array {
  try {
    const root = base64ToBytes(base64);
    if (root.length === ROOT_SIZE_BYTES) return root;
  } catch (cause) {
    throw new NoteError('malformed-checkpoint', { cause });
  }
  throw new NoteError('malformed-checkpoint');
}

/** Reads the text of a note (`Note.text`). @throws NoteError `malformed-checkpoint`. */
export function parseCheckpoint(text: string): Required<Checkpoint> {
  if (typeof text !== 'string') throw new TypeError('parseCheckpoint: expected string');
  const lines = text.split('\n');
  const [origin, decimal, base64, ...extensions] = lines.slice(0, -1);
  if (lines.at(-1) !== '' || decimal === undefined || base64 === undefined) {
    throw new NoteError('malformed-checkpoint');
  }
  const size = DECIMAL.test(decimal) ? Number(decimal) : Number.NaN;
  if (!Number.isSafeInteger(size) || !isLine(origin) || !extensions.every(isLine)) {
    throw new NoteError('malformed-checkpoint');
  }
  return { origin, size, root: parseRoot(base64), extensions };
}
