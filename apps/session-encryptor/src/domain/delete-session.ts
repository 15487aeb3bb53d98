/** Destroying a session: its key, its wraps, its records. What stays is the row that says its id was used. */
import { type ChunkStore, isChunkStoreError } from '@lucid/chunk-store';
import type { RecipientStore } from '../store/recipient-store.ts';
import { emptyHead, type SessionStore } from '../store/session-store.ts';
import type { KeyVault } from './key-vault.ts';
import { problem, storing } from './problems.ts';
import type { SessionLogs } from './session-logs.ts';

interface DeleteSessionDependencies {
  readonly sessions: SessionStore;
  readonly recipients: RecipientStore;
  readonly chunks: ChunkStore;
  readonly logs: SessionLogs;
  readonly vault: KeyVault;
}

/** Runs inside the session's queue. Every step is done again by a repeated call, so a crash in between is harmless. */
export async function deleteSession(
  { sessions, recipients, chunks, logs, vault }: DeleteSessionDependencies,
  sessionId: string,
): Promise<{ removedRecords: number }> {
  const found = await storing(sessions.get(sessionId));
  if (!found) throw problem('session_unknown');
  vault.wipe(sessionId);
  logs.forget(sessionId);
  const row = found.document;
  const removedRecords = row.removedRecords ?? (await storedRecords(chunks, sessionId));
  if (row.state !== 'deleted') {
    const deleted = { ...row, state: 'deleted' as const, head: emptyHead(), leaves: 0, removedRecords };
    await storing(sessions.replace(deleted, found.version));
  }
  await storing(recipients.remove(sessionId));
  await storing(chunks.remove(sessionId));
  return { removedRecords };
}

async function storedRecords(chunks: ChunkStore, sessionId: string): Promise<number> {
  try {
    return (await chunks.head(sessionId)).records;
  } catch (error) {
    if (isChunkStoreError(error, 'session_unknown') || isChunkStoreError(error, 'store_damaged')) return 0;
    return storing(Promise.reject(error));
  }
}
