/** What the MongoDB driver and server say, in the codes of the document store port. */
import { DocumentStoreError, type DocumentStoreErrorCode, isDocumentStoreError } from '@lucid/document-store';
import { MongoError, MongoServerError } from 'mongodb';

/** Server codes (error_codes.yml of MongoDB). */
const CODE = { duplicateKey: 11000, outOfDiskSpace: 14031, internal: 1 };
const TOO_LARGE = new Set([10334, 17419, 17420]);

/**
 * The server refused the write, perhaps for a unique index: 11000, or "internal error", which is how FerretDB reports it from an
 * update. The caller looks for the other document.
 */
export const mayBeDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && (error.code === CODE.duplicateKey || error.code === CODE.internal);

function codeOf(error: unknown): DocumentStoreErrorCode {
  if (!(error instanceof MongoServerError)) return 'store_unavailable';
  if (error.code === CODE.outOfDiskSpace) return 'store_full';
  if (TOO_LARGE.has(Number(error.code))) return 'document_too_large';
  return error.code === CODE.duplicateKey ? 'duplicate_key' : 'store_unavailable';
}

/** A socket that the server has ended fails a write with EPIPE and no system call: net's writeAfterFIN. */
const LOST = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED']);

export function isLostConnection(error: unknown): boolean {
  const { syscall, code } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof syscall === 'string' || LOST.has(String(code));
}

/** Messages of the server may hold values of documents, so they stay in the cause. */
export function toDocumentStoreError(error: unknown, collection: string): unknown {
  if (isDocumentStoreError(error)) return error;
  if (!(error instanceof MongoError) && !isLostConnection(error)) return error;
  const { codeName, code, name } = error as { codeName?: string; code?: unknown; name: string };
  const what = codeName ?? (code === undefined ? name : `code ${code}`);
  return new DocumentStoreError(codeOf(error), `${collection}: MongoDB did not do it (${what})`, {
    details: { collection },
    cause: error,
  });
}
