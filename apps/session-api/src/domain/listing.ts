/** Pages of sessions. */
import { permits } from '@lucid/access';
import type { InputOf, sessionApiContract } from '@lucid/contracts';
import type { SignedInAccount } from '@lucid/service-kit';
import { problem, relaying } from '../problem.ts';
import { relationsOf, type SessionRow } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';
import { type Directory, type Pipeline, rowOfPipeline } from './directory.ts';
import { type UserSession, userSession } from './view.ts';

type Query = InputOf<(typeof sessionApiContract)['operations']['listSessions']>['query'];

const DEFAULT_PAGE = 100;
/** A page is cut short rather than looked for through everything. */
const LOOKED_AT_MAX = 2_000;

export interface SessionPage {
  sessions: UserSession[];
  next?: string;
}

/** Deleted ones are shown where they are asked for. */
const isWanted = (row: SessionRow, { state }: Pipeline, query: Query): boolean =>
  (query.state === undefined ? state !== 'deleted' : state === query.state) &&
  (row.archivedAtUs !== undefined) === (query.archived ?? false);

export class Listing {
  readonly #dependencies: Dependencies;
  readonly #directory: Directory;

  constructor(dependencies: Dependencies, directory: Directory) {
    this.#dependencies = dependencies;
    this.#directory = directory;
  }

  /** Newest first. Pages never repeat a session, nor leave out one that was there all the time. */
  async page(query: Query, account: SignedInAccount): Promise<SessionPage> {
    if (query.all) return this.#all(query, account);
    const { limit = DEFAULT_PAGE } = query;
    const sessions: UserSession[] = [];
    let after = query.after;
    for (let looked = 0; looked < LOOKED_AT_MAX; ) {
      // As many as are missing, so that the page ends where the cursor does.
      const page = await this.#dependencies.sessions.memberPage(
        account.address,
        limit - sessions.length,
        after,
      );
      looked += page.items.length;
      const ids = page.items.map(({ document }) => document.sessionId);
      sessions.push(...(await this.#wanted(ids, query, account)));
      if (page.next === null) return { sessions };
      after = page.next;
      if (sessions.length >= limit) break;
    }
    return { sessions, ...(after === undefined ? {} : { next: after }) };
  }

  async #wanted(ids: readonly string[], query: Query, account: SignedInAccount): Promise<UserSession[]> {
    if (ids.length === 0) return [];
    const rows = await this.#dependencies.sessions.findMany(ids);
    const pipelines = await this.#directory.pipelines(ids);
    return rows.flatMap((row) => {
      const pipeline = row && pipelines.get(row.sessionId);
      if (!row || !pipeline || !isWanted(row, pipeline, query)) return [];
      return [userSession({ row, you: relationsOf(row, account.address) }, pipeline)];
    });
  }

  /** All of the host, by the orchestrator's own list. */
  async #all(query: Query, account: SignedInAccount): Promise<SessionPage> {
    if (!permits(account, 'view_all_sessions'))
      throw problem('forbidden', { extensions: { permission: 'view_all_sessions' } });
    const { orchestrator, sessions } = this.#dependencies;
    const { state, limit = DEFAULT_PAGE, after } = query;
    const page = await relaying(
      orchestrator.listSessions({
        query: { limit, ...(state ? { state } : {}), ...(after ? { after } : {}) },
      }),
    );
    const rows = page.sessions.length
      ? await sessions.findMany(page.sessions.map(({ sessionId }) => sessionId))
      : [];
    const listed = page.sessions.flatMap((pipeline, at) => {
      const row = rows[at] ?? rowOfPipeline(pipeline);
      if (!isWanted(row, pipeline, query)) return [];
      return [userSession({ row, you: [...relationsOf(row, account.address), 'administrator'] }, pipeline)];
    });
    return { sessions: listed, ...(page.next === undefined ? {} : { next: page.next }) };
  }
}
