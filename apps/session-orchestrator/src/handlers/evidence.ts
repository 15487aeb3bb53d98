import type { sessionOrchestratorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import { encodeDocument } from '@lucid/session-format';
import type { Context } from '../context.ts';
import { openBundle } from '../domain/read-bundle.ts';
import { refreshBundle } from '../domain/refresh.ts';
import { problem } from '../problem.ts';
import { sessionDocument } from '../store/session-row.ts';

type All = Handlers<typeof sessionOrchestratorContract, Context>;
type EvidenceHandlers = Pick<
  All,
  'getManifest' | 'readBundle' | 'getTombstone' | 'refreshBundle' | 'listDeadLetters' | 'retryDeadLetter'
>;

export const evidenceHandlers: EvidenceHandlers = {
  async getManifest({ params }, _call, { dependencies: { store } }) {
    const { document } = await store.get(params.sessionId);
    if (document.state === 'deleted') throw problem('session_deleted');
    const { manifest } = await store.evidence(params.sessionId);
    if (!manifest) throw problem('not_ready');
    return manifest;
  },

  async readBundle({ params, query }, _call, { dependencies }) {
    const { document } = await dependencies.store.get(params.sessionId);
    if (document.state === 'deleted') throw problem('session_deleted');
    if (document.state !== 'completed') throw problem('not_ready');
    const bundle = await openBundle(dependencies.chunks, params.sessionId, query.offset ?? 0);
    if (!bundle) throw problem('not_ready');
    return bundle;
  },

  async getTombstone({ params }, _call, { dependencies: { store } }) {
    await store.get(params.sessionId);
    const { tombstone } = await store.evidence(params.sessionId);
    if (!tombstone) throw problem('not_ready');
    return encodeDocument('anchor', tombstone);
  },

  refreshBundle: async ({ params: { sessionId } }, { signal }, { dependencies, leases }) =>
    sessionDocument(await refreshBundle(dependencies, leases, { sessionId, signal })),

  async listDeadLetters(_input, _call, { dependencies: { store } }) {
    const deadLetters = [];
    for await (const { document } of store.dead()) {
      const { sessionId, step = '', attempts, failure, deadSinceMs = 0 } = document;
      const sinceUs = deadSinceMs * 1_000;
      deadLetters.push({ sessionId, step, attempts, reason: '', ...failure, sinceUs });
    }
    return { deadLetters };
  },

  retryDeadLetter: async ({ params }, _call, { lifecycle }) =>
    sessionDocument(await lifecycle.retryDeadLetter(params.sessionId)),
};
