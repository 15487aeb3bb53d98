/** The closed set of errors of recipients and identities. Messages never repeat a key or a passphrase. */
export const RECIPIENT_ERRORS = {
  recipient_invalid: 'This is not an age recipient. It begins with age1 and is copied whole.',
  identity_invalid: 'This is not an age identity. It begins with AGE-SECRET-KEY-1 and is copied whole.',
  age_damaged: 'This is not a sound age file: it was changed or cut off.',
  identity_file_invalid:
    'This is not an identity file: it holds one AGE-SECRET-KEY-1 line for each identity, comments (#) and empty lines.',
  work_factor_too_high: 'The passphrase protection asks for more work than is accepted.',
} as const;

export type RecipientErrorCode = keyof typeof RECIPIENT_ERRORS;

export class RecipientError extends Error {
  override readonly name = 'RecipientError';
  readonly code: RecipientErrorCode;

  constructor(code: RecipientErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const suffix = options.detail ? ` (${options.detail})` : '';
    super(
      RECIPIENT_ERRORS[code] + suffix,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
  }
}

export const isRecipientError = (error: unknown, code?: RecipientErrorCode): error is RecipientError =>
  error instanceof RecipientError && (code === undefined || error.code === code);
