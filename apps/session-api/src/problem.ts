import { sessionApiContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(sessionApiContract);

/** What the document store says, in the words of this service's contract. */
export async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isDocumentStoreError(error, 'store_full')) throw problem('store_full', { cause: error });
    if (isDocumentStoreError(error, 'store_unavailable')) throw problem('unavailable', { cause: error });
    throw error;
  }
}

/** Somebody else wrote the row first. */
export const raced = (error: unknown): boolean =>
  isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');

/** What another service finds wrong with values that came from our caller, is wrong with his request. */
export async function relaying<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isProblem(error, 'invalid_request') || error.remote === undefined) throw error;
    throw problem('invalid_request', { ...(error.detail ? { detail: error.detail } : {}), cause: error });
  }
}
