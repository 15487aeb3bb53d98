/** What is kept of a session. */
import type { SessionDocument, SessionState, Track } from '@lucid/contracts';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { BundleAnchor } from '@lucid/session-format';
import type { Static } from 'typebox';
import type { Failure } from '../domain/failure.ts';
import type { Step } from '../domain/state-machine.ts';

export interface Closing {
  readonly closed: 'ended' | 'interrupted';
  /** When it was stopped; an interrupted session ended earlier, at its last record. */
  readonly atUs: number;
  readonly reason?: string | undefined;
}

interface Deletion {
  readonly by: string;
  readonly reason: string;
  readonly atUs: number;
}

export interface SessionRow {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly owner: string;
  readonly recipients: readonly { readonly recipient: string; readonly label?: string | undefined }[];
  readonly title?: string | undefined;
  readonly policyHash?: string | undefined;
  readonly tracks: readonly Static<typeof Track>[];
  readonly chunkSizeBytes: number;
  readonly retentionDays?: number | undefined;
  readonly createdAtUs: number;
  readonly startedAtUs?: number | undefined;
  /** How it is to be closed, once it was stopped. */
  readonly closing?: Closing | undefined;
  /** From here on as the closing record says. */
  readonly endedAtUs?: number | undefined;
  readonly closed?: Closing['closed'] | undefined;
  readonly closeReason?: string | undefined;
  readonly records?: number | undefined;
  readonly chunks?: number | undefined;
  readonly plainBytes?: number | undefined;
  readonly storedBytes?: number | undefined;
  readonly merkleRoot?: string | undefined;
  readonly manifestHash?: string | undefined;
  readonly anchored: boolean;
  readonly bundle?: string | undefined;
  /** The step that is next; absent where none is. */
  readonly step?: Step | undefined;
  /** Tries of that step so far. */
  readonly attempts: number;
  /** When the worker looks at it next, milliseconds since 1970; absent where it need not. */
  readonly dueAtMs?: number | undefined;
  /** Why the step last failed, or why the session did. */
  readonly failure?: Failure | undefined;
  /** Since when the step is not tried any more. */
  readonly deadSinceMs?: number | undefined;
  readonly retainUntilUs?: number | undefined;
  readonly deletion?: Deletion | undefined;
}

/** What a session's evidence is made of; apart from its row, because lists do not need it. */
export interface EvidenceRow {
  readonly sessionId: string;
  /** Canonical bytes. */
  readonly manifest?: Uint8Array | undefined;
  /** Text of the final signed checkpoint. */
  readonly checkpoint?: string | undefined;
  readonly anchor?: BundleAnchor | undefined;
  /** Proof of the entry that says the session was deleted. */
  readonly tombstone?: BundleAnchor | undefined;
}

const sessions = defineCollection<SessionRow>({
  name: 'sessions',
  key: (row) => row.sessionId,
  indexes: [
    { name: 'created', fields: ['createdAtUs'] },
    { name: 'state', fields: ['state', 'createdAtUs'] },
    { name: 'due', fields: ['dueAtMs'] },
    { name: 'dead', fields: ['deadSinceMs'] },
  ],
});

const evidence = defineCollection<EvidenceRow>({
  name: 'session-evidence',
  key: (row) => row.sessionId,
  indexes: [],
});

export interface SessionCollections {
  readonly documents: DocumentStore;
  readonly sessions: Collection<SessionRow>;
  readonly evidence: Collection<EvidenceRow>;
}

export const openSessionCollections = async (documents: DocumentStore): Promise<SessionCollections> => ({
  documents,
  sessions: await documents.collection(sessions),
  evidence: await documents.collection(evidence),
});

/** A row as other services see it. */
export function sessionDocument(row: SessionRow): Static<typeof SessionDocument> {
  const reason = row.failure?.reason ?? row.deletion?.reason ?? row.closeReason ?? row.closing?.reason;
  const { sessionId, state, owner, title, tracks, chunkSizeBytes, createdAtUs, startedAtUs } = row;
  const { closed, step, records, chunks, plainBytes, storedBytes, merkleRoot, manifestHash } = row;
  const { anchored, bundle, retainUntilUs, endedAtUs, policyHash } = row;
  const document = {
    ...{
      sessionId,
      state,
      owner,
      title,
      policyHash,
      chunkSizeBytes,
      createdAtUs,
      startedAtUs,
      endedAtUs,
      closed,
    },
    ...{
      fault: row.failure?.fault,
      reason,
      step,
      deadSinceUs: row.deadSinceMs === undefined ? undefined : row.deadSinceMs * 1_000,
      records,
      chunks,
      plainBytes,
      storedBytes,
      merkleRoot,
      manifestHash,
      anchored,
    },
    ...{ bundle, retainUntilUs, tracks: tracks.map((each) => ({ ...each })) },
  };
  return Object.fromEntries(
    Object.entries(document).filter(([, value]) => value !== undefined),
  ) as typeof document;
}
