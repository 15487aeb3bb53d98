/** The closed set of what can go wrong in an ordered key-value store, whatever the engine. */
export const kvErrorMeanings = {
  kv_closed: 'the store is not open',
  kv_locked: 'another process has the store open',
  kv_corrupt: 'the store is damaged',
  kv_disk_full: 'no space is left for the store',
  kv_denied: 'the store may not be read or written by this user',
  kv_io: 'the store could not be read or written',
} as const satisfies Record<string, string>;

export type KvErrorCode = keyof typeof kvErrorMeanings;

/** The engine's own error is the `cause`; the message says what it means and which store it was. */
export class KvError extends Error {
  readonly code: KvErrorCode;

  constructor(code: KvErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const detail = options.detail === undefined ? '' : ` (${options.detail})`;
    super(`${kvErrorMeanings[code]}${detail}`, { cause: options.cause });
    this.name = 'KvError';
    this.code = code;
  }
}
