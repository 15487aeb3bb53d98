/** The steps of a deletion: destroy what can be destroyed, then leave an entry of the chain that says so. */
import { isProblem } from '@lucid/service-kit';
import { usToSeconds } from '../clock-us.ts';
import type { Dependencies, StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';
import { followAnchor } from './follow-anchor.ts';

export const destroyStep: StepWork = async ({ sessionId }, dependencies) => {
  await destroyContent(sessionId, dependencies);
  await dependencies.merkle.deleteTree({ params: { sessionId } });
  return { change: {}, evidence: { sessionId } };
};

/** Keys and records; may be done again, and of a session that was never opened. */
export async function destroyContent(
  sessionId: string,
  { encryptor, chunks }: Pick<Dependencies, 'encryptor' | 'chunks'>,
): Promise<void> {
  try {
    await encryptor.deleteSession({ params: { sessionId } });
  } catch (error) {
    if (!isProblem(error, 'session_unknown')) throw error;
  }
  await chunks.remove(sessionId);
}

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
