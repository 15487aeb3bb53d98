/** What goes wrong when a database is dumped, restored or looked at. Messages hold no address, name or password of the connection. */
import { MongoAPIError, MongoError, MongoServerError } from 'mongodb';
import { isLostConnection } from './documents-errors.ts';

export const BACKUP_STORE_ERRORS = {
  store_unreachable: 'The document store does not answer.',
  store_refused: 'The document store refuses the user or the password of its address.',
  store_full: 'The document store has no room left.',
  store_failed: 'The document store could not do it.',
} as const;

export type BackupStoreErrorCode = keyof typeof BACKUP_STORE_ERRORS;

export class BackupStoreError extends Error {
  override readonly name = 'BackupStoreError';
  readonly code: BackupStoreErrorCode;
  /** The command, and what the server calls its failure. */
  readonly detail: string | undefined;

  constructor(code: BackupStoreErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const suffix = options.detail ? ` (${options.detail})` : '';
    super(BACKUP_STORE_ERRORS[code] + suffix, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
  }
}

/** Server codes (error_codes.yml of MongoDB). */
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const OUT_OF_DISK_SPACE = 14031;
/** CommandNotFound, InvalidNamespace, CommandNotSupported, and NotImplemented of FerretDB. */
const NOT_OFFERED = new Set<unknown>([59, 73, 115, 238]);
const NAMESPACE_NOT_FOUND = 26;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** The server has no such command, or not for such names. */
export const isNotOffered = (error: unknown): boolean =>
  error instanceof MongoServerError && NOT_OFFERED.has(codeOf(error));

export const isMissing = (error: unknown): boolean =>
  error instanceof MongoServerError && codeOf(error) === NAMESPACE_NOT_FOUND;

function backupCodeOf(error: unknown): BackupStoreErrorCode {
  const code = codeOf(error);
  if (code === UNAUTHORIZED || code === AUTHENTICATION_FAILED) return 'store_refused';
  if (code === OUT_OF_DISK_SPACE) return 'store_full';
  return error instanceof MongoServerError ? 'store_failed' : 'store_unreachable';
}

/** Messages of the server may hold values of documents, those of the driver addresses: both stay in the cause. */
export function toBackupStoreError(error: unknown, doing: string): unknown {
  if (!(error instanceof MongoError) && !isLostConnection(error)) return error;
  const code = backupCodeOf(error);
  const { codeName, name } = error as { codeName?: string; name: string };
  const said = error instanceof MongoAPIError ? name : (codeName ?? name);
  return new BackupStoreError(code, { detail: `${doing}: ${said}`, cause: error });
}
