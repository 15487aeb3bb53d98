/**
 * Rows of sessions, changed by compare-and-set only. Whoever read a row that somebody changed meanwhile is told so, reads again
 * and decides again; that, not a lock, is what keeps the state machine sound.
 */

import type { SessionState } from '@lucid/contracts';
import {
  type BatchOperation,
  type FindOptions,
  insertInto,
  isDocumentStoreError,
  type Page,
  removeFrom,
  replaceIn,
  type Stored,
  scan,
  upsertInto,
} from '@lucid/document-store';
import { storing } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import {
  type EvidenceRow,
  openSessionCollections,
  type SessionCollections,
  type SessionRow,
} from './session-row.ts';

export type StoredSession = Stored<SessionRow>;
export type SessionChange = Partial<SessionRow>;

/** Hears of every change that this process made. */
export type OnChange = (row: SessionRow, before: SessionState | null) => void;

const raced = (error: unknown): boolean =>
  isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');

export class SessionStore {
  readonly #collections: SessionCollections;
  readonly #onChange: OnChange;

  constructor(collections: SessionCollections, onChange: OnChange) {
    this.#collections = collections;
    this.#onChange = onChange;
  }

  get documents(): SessionCollections['documents'] {
    return this.#collections.documents;
  }

  /** @throws ProblemError session_unknown */
  async get(sessionId: string): Promise<StoredSession> {
    const stored = await storing(this.#collections.sessions.get(sessionId));
    if (!stored) throw problem('session_unknown');
    return stored;
  }

  /** Those that there are, in the order of `sessionIds`. */
  async getMany(sessionIds: readonly string[]): Promise<SessionRow[]> {
    const found = await storing(this.#collections.sessions.getMany(sessionIds));
    return found.flatMap((each) => (each ? [each.document] : []));
  }

  async evidence(sessionId: string): Promise<EvidenceRow> {
    return (await storing(this.#collections.evidence.get(sessionId)))?.document ?? { sessionId };
  }

  async insert(row: SessionRow): Promise<void> {
    await storing(this.#collections.documents.batch([insertInto(this.#collections.sessions, row)]));
    this.#onChange(row, null);
  }

  /**
   * The changed row, or null where somebody else changed it first. Evidence is written before the row, so that on a store
   * without atomic batches a row never promises evidence that is not there.
   */
  async replace(
    stored: StoredSession,
    change: SessionChange,
    evidence?: EvidenceRow,
  ): Promise<StoredSession | null> {
    const document: SessionRow = { ...stored.document, ...change };
    const operations: BatchOperation[] = [replaceIn(this.#collections.sessions, document, stored.version)];
    if (evidence) operations.unshift(upsertInto(this.#collections.evidence, evidence));
    try {
      const versions = await storing(this.#collections.documents.batch(operations));
      this.#onChange(document, stored.document.state);
      return { key: stored.key, version: versions.at(-1) as number, document };
    } catch (error) {
      if (raced(error)) return null;
      throw error;
    }
  }

  /** Removes a row, unless somebody else changed it first. */
  async forget({ key, version }: StoredSession): Promise<void> {
    try {
      await storing(
        this.#collections.documents.batch([removeFrom(this.#collections.sessions, key, version)]),
      );
    } catch (error) {
      if (!raced(error)) throw error;
    }
  }

  /** Decides on the newest row, again for as long as others change it; `decide` answers null to leave it. @throws what it throws */
  async change(sessionId: string, decide: (row: SessionRow) => SessionChange | null): Promise<SessionRow> {
    for (;;) {
      const stored = await this.get(sessionId);
      const change = decide(stored.document);
      if (!change) return stored.document;
      const changed = await this.replace(stored, change);
      if (changed) return changed.document;
    }
  }

  async saveEvidence(evidence: EvidenceRow): Promise<void> {
    await storing(this.#collections.evidence.upsert(evidence));
  }

  /** Newest first. @throws ProblemError invalid_request for a cursor that is none */
  async list(options: { state?: SessionState | undefined; limit: number; after?: string | undefined }) {
    const { state, limit, after } = options;
    const range: FindOptions = state
      ? { index: 'state', equals: [state], limit }
      : { index: 'created', limit };
    try {
      return await storing(this.#collections.sessions.find({ ...range, reverse: true, after }));
    } catch (error) {
      if (!isDocumentStoreError(error, 'invalid_query')) throw error;
      throw problem('invalid_request', { detail: '`after` is not what a page before this one ended with.' });
    }
  }

  /** Sessions by the time at which they want to be looked at, the earliest first. */
  due(limit: number): Promise<Page<SessionRow>> {
    return storing(this.#collections.sessions.find({ index: 'due', limit }));
  }

  dueBetween(fromMs: number, untilMs: number): AsyncGenerator<StoredSession> {
    return scan(this.#collections.sessions, { index: 'due', from: fromMs, to: untilMs });
  }

  inState(state: SessionState): AsyncGenerator<StoredSession> {
    return scan(this.#collections.sessions, { index: 'state', equals: [state] });
  }

  dead(): AsyncGenerator<StoredSession> {
    return scan(this.#collections.sessions, { index: 'dead' });
  }
}

export const openSessionStore = async (
  documents: SessionCollections['documents'],
  onChange: OnChange,
): Promise<SessionStore> => new SessionStore(await openSessionCollections(documents), onChange);
