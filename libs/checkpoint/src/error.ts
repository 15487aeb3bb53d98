/** Why a text is no note, key or checkpoint. Closed set. */
export type NoteErrorCode =
  /** Over 1 000 000 bytes. */
  | 'too-large'
  /** Not UTF-8, a control character, no blank line before the signatures, or no signature line. */
  | 'malformed-note'
  /** A line below the blank line that is no signature line. */
  | 'malformed-signature'
  /** Over 100 signature lines. */
  | 'too-many-signatures'
  /** Not NAME+HEX+BASE64, or the id does not belong to the key. */
  | 'malformed-key'
  /** Empty, or with a plus sign or white space. */
  | 'malformed-name'
  /** A verifier key of an algorithm this package does not verify. */
  | 'unknown-algorithm'
  /** The text of the note is not origin, size, root and extension lines. */
  | 'malformed-checkpoint';

export class NoteError extends Error {
  readonly code: NoteErrorCode;

  constructor(code: NoteErrorCode, options?: ErrorOptions) {
    super(`signed note: ${code}`, options);
    this.name = 'NoteError';
    this.code = code;
  }
}
