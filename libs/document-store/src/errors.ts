/**
 * Why a document store refused or failed. A closed set: callers switch on it.
 *
 * - `duplicate_key`: another document has this key, or this value in a unique index (`details.index` names it, `key` for the key itself).
 * - `version_conflict`: the document is absent or no longer at the expected version. Read again, decide again.
 * - `invalid_document`: not plain data, or a key or indexed value outside the limits of `document-value.ts` and `index-key.ts`.
 * - `invalid_query`: an unknown index, a bound of the wrong shape, a cursor of another query.
 * - `document_too_large`: above `MAX_DOCUMENT_BYTES`.
 * - `store_unavailable`: closed, unreachable, locked or refused by the system; trying again may help. Whether a write took place is unknown.
 * - `store_full`: no space left; nothing of the operation was kept.
 * - `store_damaged`: stored data is not what was written. The message says where and what to do.
 * - `store_incompatible`: written by another version of the format.
 */
export type DocumentStoreErrorCode =
  | 'duplicate_key'
  | 'version_conflict'
  | 'invalid_document'
  | 'invalid_query'
  | 'document_too_large'
  | 'store_unavailable'
  | 'store_full'
  | 'store_damaged'
  | 'store_incompatible';

export interface DocumentStoreErrorDetails {
  readonly collection?: string;
  readonly index?: string;
  /** Position in a batch; on a store without atomic batches the operations before it took place. */
  readonly operation?: number;
}

/** Messages carry names and sizes, never content of documents. */
export class DocumentStoreError extends Error {
  readonly code: DocumentStoreErrorCode;
  readonly details: DocumentStoreErrorDetails;

  constructor(
    code: DocumentStoreErrorCode,
    message: string,
    options: { details?: DocumentStoreErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DocumentStoreError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export const isDocumentStoreError = (
  error: unknown,
  code?: DocumentStoreErrorCode,
): error is DocumentStoreError =>
  error instanceof DocumentStoreError && (code === undefined || error.code === code);
