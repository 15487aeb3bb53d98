/** What can be wrong with a value to write or with bytes to read. Closed set; tests and callers look at the code only. */
export type JcsErrorCode =
  /** undefined, bigint, symbol, function, a class instance, a hole in an array, a member named by a symbol. */
  | 'unsupported-type'
  /** NaN or an infinity. */
  | 'not-finite'
  /** A text or member name with a lone surrogate. */
  | 'lone-surrogate'
  /** A value that contains itself. */
  | 'cyclic'
  /** Nested deeper than the limit. */
  | 'too-deep'
  /** More bytes than the limit. */
  | 'too-large'
  | 'not-utf8'
  | 'not-json'
  /** JSON, but not the canonical text of its value: order, spaces, duplicates, escapes, number forms. */
  | 'not-canonical';

export class JcsError extends Error {
  readonly code: JcsErrorCode;

  constructor(code: JcsErrorCode, options?: ErrorOptions) {
    super(`canonical JSON: ${code}`, options);
    this.name = 'JcsError';
    this.code = code;
  }
}
