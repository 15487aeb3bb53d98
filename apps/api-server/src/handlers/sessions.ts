import { bytesToHex } from '@lucid/bytes';
import type { apiServerContract } from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { type Call, type Handlers, isProblem } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { onBehalf } from '../domain/on-behalf.ts';
import { proofOf } from '../domain/proofs.ts';
import { appSession, jsonObject } from '../domain/resources.ts';
import { listSessions, type UserSession } from '../domain/session-lists.ts';

type SessionHandlers = Pick<
  Handlers<typeof apiServerContract, Context>,
  'listSessions' | 'getSession' | 'findSessions' | 'getSessionProof' | 'getManifest' | 'getManifestBytes'
>;

/** Requests to session-api under way for one batch. */
const BATCH_LANES = 8;

const sessionOf = (sessionId: string, call: Call, { sessions }: Context): Promise<UserSession> =>
  onBehalf(call, 'session-api', (options) => sessions.getSession({ params: { sessionId } }, options));

const manifestOf = (sessionId: string, call: Call, { sessions }: Context): Promise<Uint8Array> =>
  onBehalf(call, 'session-api', (options) => sessions.getManifest({ params: { sessionId } }, options));

/** In the order of `ids`, null where there is none for this account. */
async function sessionsOf(ids: readonly string[], call: Call, context: Context) {
  const found = new Map<string, UserSession>();
  const waiting = ids.values();
  const lane = async () => {
    for (const id of waiting) {
      try {
        found.set(id, await sessionOf(id, call, context));
      } catch (error) {
        if (!isProblem(error, 'session_unknown')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: BATCH_LANES }, lane));
  return found;
}

export const sessionHandlers: SessionHandlers = {
  async listSessions({ query }, call, { sessions }) {
    const { sessions: found, next } = await listSessions(sessions, query, call);
    const items = found.map((each) => appSession(each, query.fields));
    return { items, ...(next === undefined ? {} : { next }) };
  },

  getSession: async ({ params, query }, call, context) =>
    appSession(await sessionOf(params.sessionId, call, context), query.fields),

  async findSessions({ query, body }, call, context) {
    const found = await sessionsOf(body.ids, call, context);
    return {
      items: body.ids.flatMap((id) => {
        const session = found.get(id);
        return session ? [appSession(session, query.fields)] : [];
      }),
      missing: body.ids.filter((id) => !found.has(id)),
    };
  },

  getSessionProof: ({ params }, call, context) => proofOf(params.sessionId, call, context),

  async getManifest({ params }, call, context) {
    const bytes = await manifestOf(params.sessionId, call, context);
    const manifest = jsonObject(bytes);
    if (!manifest) throw new TypeError('session-api answered a manifest that is no JSON object');
    const hash = bytesToHex(sha256(bytes));
    return { kind: 'manifest', id: params.sessionId, hash, sizeBytes: bytes.length, manifest };
  },

  getManifestBytes: ({ params }, call, context) => manifestOf(params.sessionId, call, context),
};
