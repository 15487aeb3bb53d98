import type { blockchainSessionsDataContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

export const indexHandlers: Handlers<typeof blockchainSessionsDataContract, Context> = {
  getSessionAnchor: ({ params }, _call, { directory }) => directory.anchor(params.sessionId),
  listSessions: ({ query }, _call, { directory }) => directory.sessions(query),
  findManifest: ({ params, query }, _call, { directory }) =>
    directory.sessionsOfManifest(params.manifestHash, query),
  listChunks: ({ params, query }, _call, { directory }) => directory.chunks(params.sessionId, query),
  verifySession: ({ params, query }, _call, { verifying }) => verifying.session(params.sessionId, query),
  verifySessionFields: ({ params, body: { batch, ...fields } }, _call, { verifying }) =>
    batch === undefined
      ? verifying.session(params.sessionId, fields)
      : verifying.member(params.sessionId, fields, batch),
  getStatus: (_input, _call, { indexer }) => indexer.status(),
  rebuild: async (_input, _call, { indexer, wakeup }) => {
    await indexer.rebuild();
    wakeup.notify();
    return indexer.status();
  },
};
