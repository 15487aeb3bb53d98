/** Rows of sessions, changed by compare-and-set only: whoever was overtaken reads again and decides again. */
import {
  type BatchOperation,
  type DocumentStore,
  insertInto,
  isDocumentStoreError,
  type Page,
  removeFrom,
  type Stored,
  scan,
} from '@lucid/document-store';
import { storing } from '@lucid/service-kit';
import { problem, raced } from '../problem.ts';
import {
  type DecisionRow,
  type MemberRow,
  membersOf,
  openSessionCollections,
  type Run,
  type SessionCollections,
  type SessionRow,
} from './session-row.ts';

export class SessionStore {
  readonly #collections: SessionCollections;

  constructor(collections: SessionCollections) {
    this.#collections = collections;
  }

  async find(sessionId: string): Promise<SessionRow | null> {
    return (await storing(this.#collections.sessions.get(sessionId)))?.document ?? null;
  }

  /** In the order of `sessionIds`. */
  async findMany(sessionIds: readonly string[]): Promise<(SessionRow | null)[]> {
    const found = await storing(this.#collections.sessions.getMany(sessionIds));
    return found.map((each) => each?.document ?? null);
  }

  /** What makes a session, beside what the caller writes with it. */
  insertion(row: SessionRow): BatchOperation[] {
    const { sessions, members } = this.#collections;
    const rows = membersOf(row).map((member) => ({
      member,
      sessionId: row.sessionId,
      createdAtUs: row.createdAtUs,
    }));
    return [...rows.map((each) => insertInto(members, each)), insertInto(sessions, row)];
  }

  /** The row as it is then; `decide` answers null to leave it. @throws ProblemError session_unknown, and what it throws */
  async change(
    sessionId: string,
    decide: (row: SessionRow) => Partial<SessionRow> | null,
  ): Promise<SessionRow> {
    for (;;) {
      const stored = await storing(this.#collections.sessions.get(sessionId));
      if (!stored) throw problem('session_unknown');
      const change = decide(stored.document);
      if (!change) return stored.document;
      const document: SessionRow = { ...stored.document, ...change };
      try {
        await storing(this.#collections.sessions.replace(document, stored.version));
        return document;
      } catch (error) {
        if (!raced(error)) throw error;
      }
    }
  }

  /** Newest first. @throws ProblemError invalid_request for a cursor that is none */
  async memberPage(member: string, limit: number, after: string | undefined): Promise<Page<MemberRow>> {
    try {
      const { members } = this.#collections;
      return await storing(members.find({ index: 'member', equals: [member], reverse: true, limit, after }));
    } catch (error) {
      if (!isDocumentStoreError(error, 'invalid_query')) throw error;
      throw problem('invalid_request', { detail: '`after` is not what a page before this one ended with.' });
    }
  }

  inRun(run: Run): AsyncGenerator<Stored<SessionRow>> {
    return scan(this.#collections.sessions, { index: 'run', equals: [run] });
  }

  all(): AsyncGenerator<Stored<SessionRow>> {
    return scan(this.#collections.sessions, { index: 'key' });
  }

  /** Removes a row with everything that belongs to it. */
  async forget(row: SessionRow): Promise<void> {
    const { documents, sessions, members, decisions } = this.#collections;
    const rows = membersOf(row).map((member) => removeFrom(members, `${member} ${row.sessionId}`));
    for await (const { key } of scan(decisions, { index: 'session', equals: [row.sessionId] }))
      await storing(decisions.remove(key));
    await storing(documents.batch([...rows, removeFrom(sessions, row.sessionId)]));
  }

  /** Enters what was decided behind what was decided before; resolves to its sequence. */
  async addDecision(row: Omit<DecisionRow, 'sequence'>): Promise<number> {
    const { decisions } = this.#collections;
    for (;;) {
      const range = { index: 'session', equals: [row.sessionId], reverse: true, limit: 1 };
      const last = (await storing(decisions.find(range))).items[0]?.document.sequence ?? 0;
      try {
        await storing(decisions.insert({ ...row, sequence: last + 1 }));
        return last + 1;
      } catch (error) {
        if (!raced(error)) throw error;
      }
    }
  }

  async decisionsAfter(sessionId: string, sequence: number, limit: number): Promise<DecisionRow[]> {
    const { decisions } = this.#collections;
    const range = { index: 'session', equals: [sessionId], from: sequence + 1, limit };
    return (await storing(decisions.find(range))).items.map(({ document }) => document);
  }
}

export const openSessionStore = async (documents: DocumentStore): Promise<SessionStore> =>
  new SessionStore(await openSessionCollections(documents));
