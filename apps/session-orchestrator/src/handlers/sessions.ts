import type { sessionOrchestratorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { SessionRow } from '../store/session-row.ts';
import { sessionDocument } from '../store/session-row.ts';

type All = Handlers<typeof sessionOrchestratorContract, Context>;
type SessionHandlers = Pick<
  All,
  | 'createSession'
  | 'listSessions'
  | 'getSession'
  | 'findSessions'
  | 'startSession'
  | 'pauseSession'
  | 'resumeSession'
  | 'stopSession'
  | 'deleteSession'
>;

const CONSENT_KEEPER = 'session-api';
const DEFAULT_PAGE = 100;
/** How long a deletion may take before it is answered while it goes on. */
const DELETION_WAIT_MS = 30_000;

const isSettled = ({ state }: SessionRow): boolean =>
  state === 'completed' || state === 'failed' || state === 'deleted';

export const sessionHandlers: SessionHandlers = {
  createSession: async ({ body }, _call, { lifecycle }) => sessionDocument(await lifecycle.create(body)),

  async listSessions({ query }, _call, { dependencies }) {
    const { state, limit = DEFAULT_PAGE, after } = query;
    const { items, next } = await dependencies.store.list({ state, limit, after });
    const sessions = items.map(({ document }) => sessionDocument(document));
    return { sessions, ...(next === null ? {} : { next }) };
  },

  getSession: async ({ params }, _call, { dependencies }) =>
    sessionDocument((await dependencies.store.get(params.sessionId)).document),

  async findSessions({ body }, _call, { dependencies }) {
    return { sessions: (await dependencies.store.getMany(body.sessionIds)).map(sessionDocument) };
  },

  async startSession({ params }, call, { starting, dependencies }) {
    // What its policy binds starts with the consent of both parties, which session-api judges.
    if (call.caller !== CONSENT_KEEPER) {
      const { document } = await dependencies.store.get(params.sessionId);
      if (document.policyHash !== undefined) throw problem('consent_needed');
    }
    return sessionDocument(await starting.start(params.sessionId, call));
  },

  pauseSession: async ({ params }, call, { lifecycle }) =>
    sessionDocument(await lifecycle.pause(params.sessionId, call)),

  resumeSession: async ({ params }, call, { lifecycle }) =>
    sessionDocument(await lifecycle.resume(params.sessionId, call)),

  async stopSession({ params, query, body }, { signal }, { lifecycle }) {
    const row = await lifecycle.stop(params.sessionId, body);
    if (!query.waitMs) return sessionDocument(row);
    const options = { waitMs: query.waitMs, signal };
    return sessionDocument(await lifecycle.waitUntil(params.sessionId, isSettled, options));
  },

  async deleteSession({ params, query }, { caller, signal }, { lifecycle }) {
    await lifecycle.delete(params.sessionId, query.by ?? caller, query.reason);
    const isDone = (row: SessionRow) => row.step === undefined || row.deadSinceMs !== undefined;
    const options = { waitMs: DELETION_WAIT_MS, signal };
    return sessionDocument(await lifecycle.waitUntil(params.sessionId, isDone, options));
  },
};
