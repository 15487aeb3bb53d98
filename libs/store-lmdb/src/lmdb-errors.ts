/** What LMDB and the system say, in the codes of the port. */
import { DocumentStoreError, isDocumentStoreError } from '@lucid/document-store';

/** `lmdb.h` and `errno.h`. */
const FULL = new Set([28 /* ENOSPC */, 122 /* EDQUOT */, 27 /* EFBIG */, -30792 /* MDB_MAP_FULL */]);
const DAMAGED = new Set([
  -30797 /* MDB_PAGE_NOTFOUND */, -30796 /* MDB_CORRUPTED */, -30793 /* MDB_INVALID */,
  -30779 /* MDB_PROBLEM */,
]);
const VERSION_MISMATCH = -30794;

export const DAMAGED_ADVICE =
  'stop the program, keep a copy of the folder for examination, and put back the last good copy of it';

export const damaged = (folder: string, what: string, cause?: unknown): DocumentStoreError =>
  new DocumentStoreError(
    'store_damaged',
    `the document store in ${folder} is damaged: ${what}; ${DAMAGED_ADVICE}`,
    { cause },
  );

export const storeFull = (folder: string, cause: unknown): DocumentStoreError =>
  new DocumentStoreError(
    'store_full',
    `the disk of ${folder} is full; nothing of this write was kept; make room and try again`,
    { cause },
  );

const MESSAGE_OF_FULL = /ENOSPC|No space left|MDB_MAP_FULL|EDQUOT|quota exceeded/i;
const MESSAGE_OF_DAMAGE = /MDB_CORRUPTED|MDB_PAGE_NOTFOUND|MDB_INVALID|MDB_PROBLEM/;

export function toStoreError(folder: string, error: unknown): DocumentStoreError {
  if (isDocumentStoreError(error)) return error;
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const text = String(message);
  const number = typeof code === 'number' ? code : 0;
  if (FULL.has(number) || code === 'ENOSPC' || MESSAGE_OF_FULL.test(text)) return storeFull(folder, error);
  if (DAMAGED.has(number) || MESSAGE_OF_DAMAGE.test(text))
    return damaged(folder, 'LMDB refuses its file', error);
  if (number === VERSION_MISMATCH || text.includes('MDB_VERSION_MISMATCH')) {
    return new DocumentStoreError('store_incompatible', `${folder} was written by another version of LMDB`, {
      cause: error,
    });
  }
  return new DocumentStoreError('store_unavailable', `the document store in ${folder} did not answer`, {
    cause: error,
  });
}
