import { sessionApiContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { problemsOf } from '@lucid/service-kit';

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
