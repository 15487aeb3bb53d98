/** What the encryptor remembers of a session besides its records: that its id was used, and how far its log went. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface TrackCounts {
  track: number;
  chunks: number;
  plainBytes: number;
}

/** Counts over the records that are durable. */
export interface HeadCounts {
  records: number;
  chunks: number;
  events: number;
  plainBytes: number;
  storedBytes: number;
  /** Latest time that one of them says. */
  capturedUntilUs: number;
  closed?: 'ended' | 'interrupted';
  tracks: TrackCounts[];
}

export interface SessionRow {
  sessionId: string;
  /** A deleted session's row stays for ever: ids are used once. */
  state: 'open' | 'closed' | 'deleted';
  /** SHA-256 of what it was opened with, so that opening again is told from another session of the same id. */
  requestHash: string;
  chunkSizeBytes: number;
  trackNumbers: number[];
  /** May lag behind the chunk store, which is the truth; never runs ahead of it. */
  head: HeadCounts;
  /** Leaves that merkle-builder had acknowledged. */
  leaves: number;
  /** Records that a deletion destroyed. */
  removedRecords?: number;
}

const definition = defineCollection<SessionRow>({
  name: 'encryptor-sessions',
  key: (row) => row.sessionId,
  indexes: [],
});

export type SessionStore = Collection<SessionRow>;

export const openSessionStore = (documents: DocumentStore): Promise<SessionStore> =>
  documents.collection(definition);

export const emptyHead = (): HeadCounts => ({
  records: 0,
  chunks: 0,
  events: 0,
  plainBytes: 0,
  storedBytes: 0,
  capturedUntilUs: 0,
  tracks: [],
});
