/** What can go wrong with a control port: a closed set. */
const MEANING = {
  unreachable: 'Nothing answers at the control port of Tor.',
  auth_refused: 'Tor does not take the password or the cookie of its control port.',
  closed: 'The connection to the control port of Tor has ended.',
  timed_out: 'Tor did not answer at its control port in time.',
  protocol: 'What answers at the control port of Tor does not speak its protocol.',
  refused: 'Tor refused the command.',
} as const;

export type TorControlErrorCode = keyof typeof MEANING;

export class TorControlError extends Error {
  override readonly name = 'TorControlError';
  readonly code: TorControlErrorCode;
  /** Of the reply, where Tor refused. */
  readonly status: number | undefined;

  constructor(code: TorControlErrorCode, options: ErrorOptions & { status?: number; said?: string } = {}) {
    const { status, said } = options;
    super(
      `${code}: ${MEANING[code]}${status === undefined ? '' : ` ${status}`}${said ? `: ${harmless(said)}` : ''}`,
      {
        cause: options.cause,
      },
    );
    this.code = code;
    this.status = status;
  }
}

/** Tor repeats arguments that it does not understand, and one of them may be a key. */
const harmless = (said: string): string =>
  said
    .replace(/[A-Za-z0-9+/=_-]{24,}/g, '…')
    .replace(/[^\x20-\x7e…]/g, '?')
    .slice(0, 200);

export const isTorControlError = (
  error: unknown,
  ...codes: readonly TorControlErrorCode[]
): error is TorControlError =>
  error instanceof TorControlError && (codes.length === 0 || codes.includes(error.code));
