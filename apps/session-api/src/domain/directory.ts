/** Finding a session for an account: what it may not see is not there. */
import { permits } from '@lucid/access';
import type { SessionDocument, SessionRelation } from '@lucid/contracts';
import { isProblem, type SignedInAccount } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { relationsOf, type SessionRow } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';

export type Pipeline = Static<typeof SessionDocument>;

export interface Found {
  readonly row: SessionRow;
  /** What the account is to it. */
  readonly you: readonly SessionRelation[];
}

/** A session that was not made here (the host's own command line makes some), as its administrator sees it. */
export const rowOfPipeline = ({ sessionId, owner, createdAtUs }: Pipeline): SessionRow => ({
  sessionId,
  owner,
  type: 'api_admin',
  createdAtUs,
  observers: [],
  consents: [],
  approvals: [],
  filesMoved: 0,
  decisions: 0,
  denied: 0,
});

export class Directory {
  readonly #dependencies: Pick<Dependencies, 'sessions' | 'orchestrator'>;

  constructor(dependencies: Pick<Dependencies, 'sessions' | 'orchestrator'>) {
    this.#dependencies = dependencies;
  }

  /** @throws ProblemError session_unknown where it is not there for this account */
  async find(sessionId: string, account: SignedInAccount): Promise<Found> {
    const sees = permits(account, 'view_all_sessions');
    const row =
      (await this.#dependencies.sessions.find(sessionId)) ?? (sees && (await this.#foreign(sessionId)));
    if (!row) throw problem('session_unknown');
    return this.seen(row, account);
  }

  /** As `find`, of a row that is there. @throws ProblemError session_unknown */
  seen(row: SessionRow, account: SignedInAccount): Found {
    const own = relationsOf(row, account.address);
    const sees = permits(account, 'view_all_sessions');
    if (own.length === 0 && !sees) throw problem('session_unknown');
    return { row, you: sees ? [...own, 'administrator'] : own };
  }

  /** @throws ProblemError session_unknown, not_yours */
  async findAs(sessionId: string, account: SignedInAccount, ...any: SessionRelation[]): Promise<Found> {
    const found = await this.find(sessionId, account);
    if (!found.you.some((each) => any.includes(each)))
      throw problem('not_yours', { detail: `This is for its ${any.join(' or ')}.` });
    return found;
  }

  /** @throws ProblemError session_unknown where it was forgotten */
  pipeline(sessionId: string): Promise<Pipeline> {
    return this.#dependencies.orchestrator.getSession({ params: { sessionId } });
  }

  /** Those that there are. */
  async pipelines(sessionIds: readonly string[]): Promise<Map<string, Pipeline>> {
    if (sessionIds.length === 0) return new Map();
    const { sessions } = await this.#dependencies.orchestrator.findSessions({
      body: { sessionIds: [...sessionIds] },
    });
    return new Map(sessions.map((each) => [each.sessionId, each]));
  }

  async #foreign(sessionId: string): Promise<SessionRow | null> {
    try {
      return rowOfPipeline(await this.pipeline(sessionId));
    } catch (error) {
      if (isProblem(error, 'session_unknown')) return null;
      throw error;
    }
  }
}
