/** What went to the chain while sessions did, as a process without the account's key can tell: by the batch that was made before anything was sent. */
import type { DocumentStore } from '@lucid/document-store';
import { referenceOnChain } from '../domain/session-chain.ts';
import { BatchStore } from '../store/batch-store.ts';

/** Reference of a session that has a batch; undefined where it has none. */
export function createLeftOnChain(
  documents: DocumentStore,
): (sessionId: string) => Promise<string | undefined> {
  let opened: Promise<BatchStore> | undefined;
  return async (sessionId) => {
    opened ??= BatchStore.open(documents).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const batchId = (await (await opened).batchesOf([sessionId])).get(sessionId);
    return batchId === undefined ? undefined : referenceOnChain(batchId, sessionId);
  };
}
