import type { sessionApiContract } from '@lucid/contracts';
import { RATE_RULES } from '@lucid/rate-limit';
import { accountOf, type Call, type Handlers, isProblem } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { feedStart, parseCursor } from '../domain/feed-cursor.ts';
import { assertWithin } from '../domain/limits.ts';
import { listRecords, proofOf } from '../domain/proofs.ts';
import { problem } from '../problem.ts';

type All = Handlers<typeof sessionApiContract, Context>;
type EvidenceHandlers = Pick<
  All,
  'followEvents' | 'listChunks' | 'getChunk' | 'getManifest' | 'getMerkleProof' | 'downloadBundle'
>;

const MS_PER_SECOND = 1_000;

/** A session that the caller may look at, within what he may ask of its chunks; deleted ones are told as that. */
async function assertReadable(sessionId: string, call: Call, { directory, dependencies }: Context) {
  const account = accountOf(call);
  await assertWithin(dependencies.limits, RATE_RULES.chunk_operations, account.address);
  await directory.find(sessionId, account);
  if ((await directory.pipeline(sessionId)).state === 'deleted') throw problem('session_deleted');
}

export const evidenceHandlers: EvidenceHandlers = {
  async followEvents({ params, query }, call, { directory, feed }) {
    const account = accountOf(call);
    await directory.find(params.sessionId, account);
    const cursor = query.lastEventId === undefined ? feedStart : parseCursor(query.lastEventId);
    if (!cursor) throw problem('invalid_request', { detail: '`lastEventId` is no id of these events.' });
    // A stream does not outlive the right to it.
    return { bytes: feed.follow(params.sessionId, cursor, account.expiresAt * MS_PER_SECOND) };
  },

  async listChunks({ params, query }, call, context) {
    await assertReadable(params.sessionId, call, context);
    return listRecords(params.sessionId, query, context.dependencies);
  },

  async getChunk({ params }, call, context) {
    await assertReadable(params.sessionId, call, context);
    try {
      return await context.dependencies.encryptor.getRecord({ params }, { call });
    } catch (error) {
      // It was not started yet.
      if (isProblem(error, 'session_unknown')) throw problem('record_unknown', { cause: error });
      throw error;
    }
  },

  async getManifest({ params }, call, context) {
    await assertReadable(params.sessionId, call, context);
    return context.dependencies.orchestrator.getManifest({ params }, { call });
  },

  async getMerkleProof({ params, query }, call, context) {
    await assertReadable(params.sessionId, call, context);
    return proofOf(params, query.size, context.dependencies);
  },

  async downloadBundle({ params, query }, call, { directory, dependencies }) {
    const account = accountOf(call);
    await directory.find(params.sessionId, account);
    await assertWithin(dependencies.limits, RATE_RULES.bulk_operations, account.address);
    const bundle = await dependencies.orchestrator.readBundle({ params, query }, { call });
    return { ...bundle, fileName: `${params.sessionId}.lucid` };
  },
};
