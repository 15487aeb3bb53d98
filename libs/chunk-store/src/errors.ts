/** The chunk store's closed set of errors. */

export const CHUNK_STORE_ERRORS = {
  record_conflict:
    'Another record is stored under this index. Evidence is never overwritten; ask head() where to go on.',
  record_out_of_order: 'Records before this index are missing. Ask head() which index comes next.',
  record_missing: 'No record is stored under this index.',
  session_unknown: 'The store holds no such session. Create it first, or look in another store.',
  session_finished: 'The session is closed. No record can be added to it.',
  store_full: 'The store has no room left. Free or add space, then ask head() where to go on.',
  store_unavailable:
    'The store cannot be used now. Nothing unacknowledged is safe; ask head() where to go on.',
  store_damaged:
    'What is stored is not what was written. Nothing was changed; keep a copy and restore the session from elsewhere.',
  store_read_only: 'The store cannot be written. Check its mount, owner and permissions.',
} as const;

export type ChunkStoreErrorCode = keyof typeof CHUNK_STORE_ERRORS;

export interface ChunkStoreErrorOptions {
  readonly sessionId?: string;
  readonly index?: number;
  /** What exactly was found; no secrets, no record bytes. */
  readonly detail?: string;
  readonly cause?: unknown;
}

export class ChunkStoreError extends Error {
  override readonly name = 'ChunkStoreError';
  readonly code: ChunkStoreErrorCode;
  readonly sessionId: string | undefined;
  readonly index: number | undefined;

  constructor(code: ChunkStoreErrorCode, options: ChunkStoreErrorOptions = {}) {
    const where = [
      options.sessionId === undefined ? '' : `session ${options.sessionId}`,
      options.index === undefined ? '' : `record ${options.index}`,
      options.detail ?? '',
    ].filter((part) => part !== '');
    const suffix = where.length > 0 ? ` (${where.join(', ')})` : '';
    super(`${CHUNK_STORE_ERRORS[code]}${suffix}`, { cause: options.cause });
    this.code = code;
    this.sessionId = options.sessionId;
    this.index = options.index;
  }
}

export const isChunkStoreError = (error: unknown, code?: ChunkStoreErrorCode): error is ChunkStoreError =>
  error instanceof ChunkStoreError && (code === undefined || error.code === code);
