/** What must outlive this process: which sessions are being recorded, with which tracks, and that one is paused. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

interface TrackRow {
  track: number;
  kind: 'terminal' | 'file' | 'stream' | 'display';
  mediaType: string;
  name?: string;
}

export interface RecordingRow {
  sessionId: string;
  state: 'recording' | 'paused' | 'stopped';
  chunkSizeBytes: number;
  tracks: TrackRow[];
  /** Bytes of each track in the closed log; only of stopped recordings. */
  finalBytes?: { track: number; plainBytes: number }[];
  /** Stopped recordings are told apart from unknown ones for a day. */
  expiresAtMs?: number;
}

const definition = defineCollection<RecordingRow>({
  name: 'recorder-recordings',
  key: (row) => row.sessionId,
  indexes: [{ name: 'byState', fields: ['state', 'sessionId'] }],
  expiresAt: 'expiresAtMs',
});

export type RecordingStore = Collection<RecordingRow>;

export const openRecordingStore = (documents: DocumentStore): Promise<RecordingStore> =>
  documents.collection(definition);
