/** The steps of a deletion: destroy what can be destroyed, then leave an entry of the chain that says so. */
import { isProblem } from '@lucid/service-kit';
import { usToSeconds } from '../clock-us.ts';
import type { StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';
import { followAnchor } from './follow-anchor.ts';

export const destroyStep: StepWork = async ({ sessionId }, { encryptor, merkle, chunks }) => {
  const params = { sessionId };
  try {
    await encryptor.deleteSession({ params });
  } catch (error) {
    if (!isProblem(error, 'session_unknown')) throw error;
  }
  await merkle.deleteTree({ params });
  await chunks.remove(sessionId);
  return { change: {}, evidence: { sessionId } };
};

export const tombstoneStep: StepWork = async (row, { chain, clock }, signal) => {
  const { sessionId, manifestHash, merkleRoot, deletion } = row;
  if (!deletion) throw new PermanentFailure('nobody is known to have deleted the session');
  const body = {
    sessionId,
    ...(manifestHash === undefined ? {} : { manifestHash }),
    ...(merkleRoot === undefined ? {} : { merkleRoot }),
    deletedAt: usToSeconds(deletion.atUs),
    by: deletion.by,
    reason: deletion.reason,
  };
  const tombstone = await followAnchor({
    first: await chain.registerDeletion({ body }),
    ask: () => chain.getDeletion({ params: { sessionId } }),
    clock,
    signal,
  });
  return { change: {}, evidence: { sessionId, tombstone } };
};
