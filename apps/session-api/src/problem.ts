import { sessionApiContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(sessionApiContract);

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
