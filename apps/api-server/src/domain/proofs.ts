/** What proves a session, gathered from the services that hold the parts. Nothing is verified here: who asks does that. */
import { base64ToBytes } from '@lucid/bytes';
import type { apiServerContract, OutputOf, onSystemChainClientContract } from '@lucid/contracts';
import { type Call, isProblem } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { onBehalf } from './on-behalf.ts';
import { jsonObject } from './resources.ts';

export type SessionProof = OutputOf<(typeof apiServerContract)['operations']['getSessionProof']>;
type AnchorStatus = OutputOf<(typeof onSystemChainClientContract)['operations']['getAnchor']>;
type Anchored = NonNullable<SessionProof['anchor']>;

/** Null where it answers one of these codes. */
async function unless<T>(work: Promise<T>, ...codes: readonly string[]): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isProblem(error, ...codes)) return null;
    throw error;
  }
}

export function anchoredOf({ sessionId: _sessionId, ...status }: AnchorStatus): Anchored {
  const document = status.anchor && jsonObject(base64ToBytes(status.anchor.entry));
  return { ...status, ...(document ? { document } : {}) };
}

const treeOf = (sessionId: string, call: Call, { sessions }: Context) =>
  unless(
    onBehalf(call, 'session-api', (options) =>
      sessions.getMerkleProof({ params: { sessionId, index: 0 }, query: {} }, options),
    ),
    'record_unknown',
    'session_deleted',
  );

/** @throws ProblemError session_unknown */
export async function proofOf(sessionId: string, call: Call, context: Context): Promise<SessionProof> {
  const { sessions, chain } = context;
  const params = { sessionId };
  // First: whose it is not shall learn nothing of it.
  const session = await onBehalf(call, 'session-api', (options) => sessions.getSession({ params }, options));
  const [tree, anchor, deletion] = await Promise.all([
    treeOf(sessionId, call, context),
    unless(chain.getAnchor({ params }, { call }), 'anchor_unknown'),
    session.state === 'deleted' ? unless(chain.getDeletion({ params }, { call }), 'anchor_unknown') : null,
  ]);
  const { state, manifestHash, merkleRoot, policyHash } = session;
  return {
    ...{ kind: 'session-proof', id: sessionId, state },
    ...(manifestHash === undefined ? {} : { manifestHash }),
    ...(merkleRoot === undefined ? {} : { merkleRoot }),
    ...(policyHash === undefined ? {} : { policyHash }),
    ...(tree ? { tree: treeShown(tree) } : {}),
    ...(anchor ? { anchor: anchoredOf(anchor) } : {}),
    ...(deletion ? { deletion: anchoredOf(deletion) } : {}),
  };
}

const treeShown = ({ size, root, checkpoint }: { size: number; root: string; checkpoint?: string }) => ({
  size,
  root,
  ...(checkpoint === undefined ? {} : { checkpoint }),
});
