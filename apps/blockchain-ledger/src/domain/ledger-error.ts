/** The closed set of what the log refuses or cannot do; the service's contract gives each its HTTP status. */
export const ledgerErrorMeanings = {
  entry_too_large: 'an entry has at most 65535 bytes',
  entry_key_invalid: 'a key has 1 to 200 characters of letters, digits and . _ - / :',
  entry_conflict: 'the key stands for an entry with other bytes',
  not_in_log: 'the log does not hold that yet',
  ledger_busy: 'too many entries wait to become durable',
  ledger_unavailable: 'the log takes no entries, because its store failed',
  ledger_damaged: 'the store does not hold what the log signed',
  ledger_rolled_back: 'a checkpoint signed earlier is not part of the stored log',
  ledger_foreign: 'the store belongs to another log',
  cosignature_invalid: 'no cosignature of a configured witness over a checkpoint of this log',
} as const satisfies Record<string, string>;

export type LedgerErrorCode = keyof typeof ledgerErrorMeanings;

export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const detail = options.detail === undefined ? '' : `: ${options.detail}`;
    super(`${ledgerErrorMeanings[code]}${detail}`, { cause: options.cause });
    this.name = 'LedgerError';
    this.code = code;
  }
}
