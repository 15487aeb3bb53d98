/** The service's problems, and which of them a store's failure is. */
import { isChunkStoreError } from '@lucid/chunk-store';
import { sessionEncryptorContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(sessionEncryptorContract);

const chunkCodes = {
  store_full: 'store_full',
  store_unavailable: 'unavailable',
  store_read_only: 'unavailable',
  session_unknown: 'session_unknown',
  session_finished: 'session_closed',
  record_missing: 'record_unknown',
  record_conflict: 'record_conflict',
  record_out_of_order: 'unavailable',
  store_damaged: 'record_damaged',
} as const;

/** The problem that a failure of a store is answered with; other errors stay what they are. */
export function storeProblem(error: unknown): unknown {
  if (isProblem(error)) return error;
  if (isChunkStoreError(error)) return problem(chunkCodes[error.code], { cause: error });
  if (isDocumentStoreError(error, 'store_full')) return problem('store_full', { cause: error });
  if (isDocumentStoreError(error, 'store_unavailable') || isDocumentStoreError(error, 'version_conflict'))
    return problem('unavailable', { cause: error });
  return error;
}

export async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeProblem(error);
  }
}
