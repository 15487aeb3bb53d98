/**
 * Cursors of lists: base64url of `[CHECK, POSITION]`, where CHECK is a hash of the list (its name, its account, its filters) and the
 * position. It keeps nobody out (what may be seen is judged by the services behind); it tells a cursor of another list, or a mangled
 * one, from a good one.
 */
import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import { problem } from '../problem.ts';

const CHECK_DIGITS = 24;
const MOST_CHARACTERS = 4096;

/** What a list is, by plain data; the order of members counts. */
export type ListIdentity = Readonly<Record<string, unknown>>;

const checkOf = (list: ListIdentity, position: unknown): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify([list, position])))).slice(0, CHECK_DIGITS);

export function encodeCursor(list: ListIdentity, position: unknown): string {
  const text = Buffer.from(JSON.stringify([checkOf(list, position), position])).toString('base64url');
  if (text.length > MOST_CHARACTERS) throw new RangeError('the position of a cursor is too long');
  return text;
}

/** @throws ProblemError invalid_request */
export function decodeCursor<P>(
  list: ListIdentity,
  text: string,
  isPosition: (value: unknown) => value is P,
): P {
  const position = read(text);
  // Re-encoded, so that one position has one spelling.
  if (isPosition(position) && encodeCursor(list, position) === text) return position;
  throw problem('invalid_request', {
    detail: '`after` is not what a page of this list ended with.',
    extensions: { faults: [{ pointer: '/query/after', expected: 'must be `next` of a page of this list' }] },
  });
}

function read(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.length === 2 ? value[1] : undefined;
  } catch {
    return undefined;
  }
}

/** The cursor of the service behind. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
