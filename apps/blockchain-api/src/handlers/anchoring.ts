import { bytesToHex, hexToBytes } from '@lucid/bytes';
import type { blockchainApiContract } from '@lucid/contracts';
import { inclusionProof, rootOfLeaves, verifyInclusion } from '@lucid/merkle';
import type { Handlers } from '@lucid/service-kit';
import type { Context, FullContext } from '../context.ts';
import { asking, handingOver, problem } from '../problem.ts';

type AnchoringOperation =
  | 'getAnchoring'
  | 'getAnchoringStatus'
  | 'verifyAnchoring'
  | 'validateMerkle'
  | 'buildTree'
  | 'verifyTree';

export const registeringHandlers: Pick<
  Handlers<typeof blockchainApiContract, FullContext>,
  'registerSession'
> = {
  registerSession: ({ body }, call, { anchoring }) =>
    handingOver(anchoring.registerSession({ body }, { call })),
};

export const anchoringHandlers: Pick<Handlers<typeof blockchainApiContract, Context>, AnchoringOperation> = {
  getAnchoring: ({ params }, call, { sessions }) => asking(sessions.getSessionAnchor({ params }, { call })),
  getAnchoringStatus: (_input, call, { sessions }) => asking(sessions.getStatus({}, { call })),
  verifyAnchoring: ({ body: { sessionId, ...body } }, call, { sessions }) =>
    asking(sessions.verifySessionFields({ params: { sessionId }, body }, { call })),
  validateMerkle: ({ params, query }, call, { sessions }) =>
    asking(sessions.verifySession({ params, query }, { call })),
  buildTree: ({ body: { leafHashes, index } }) => {
    const size = leafHashes.length;
    if (index !== undefined && index >= size)
      throw problem('invalid_request', { detail: `There are ${size} leaves; index is beyond.` });
    const leaves = leafHashes.map(hexToBytes);
    return {
      size,
      root: bytesToHex(rootOfLeaves(leaves)),
      ...(index === undefined ? {} : { path: inclusionProof(leaves, index, size).map(bytesToHex) }),
    };
  },
  verifyTree: ({ body }) => ({
    valid: verifyInclusion({
      leafHash: hexToBytes(body.leafHash),
      index: body.index,
      size: body.size,
      proof: body.path.map(hexToBytes),
      root: hexToBytes(body.root),
    }),
  }),
};
