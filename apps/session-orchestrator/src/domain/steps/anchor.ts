/** Step 4: one entry of the chain stands for the session (evidence-format.md section 6). */
import { parseDocument } from '@lucid/session-format';
import { usToSeconds } from '../clock-us.ts';
import type { StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';
import { followAnchor } from './follow-anchor.ts';

export const anchorStep: StepWork = async (row, { chain, store, clock }, signal) => {
  const { sessionId, manifestHash, merkleRoot } = row;
  const evidence = await store.evidence(sessionId);
  const { manifest, checkpoint } = evidence;
  if (!manifest || !checkpoint || !manifestHash || !merkleRoot)
    throw new PermanentFailure('the manifest is not stored; an earlier step did not finish');
  const parsed = parseDocument('manifest', manifest);
  if (!parsed.ok) throw new PermanentFailure(`the stored manifest cannot be read: ${parsed.detail}`);
  const { startedAtUs, owner, chunkCount } = parsed.value;
  const startedAt = usToSeconds(startedAtUs);
  const body = { sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount, checkpoint };
  const anchor = await followAnchor({
    first: await chain.registerSession({ body }),
    ask: () => chain.getAnchor({ params: { sessionId } }),
    clock,
    signal,
  });
  return { change: { anchored: true }, evidence: { ...evidence, anchor } };
};
