import type { AnchorStatus, onSystemChainClientContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import type { AnchoringDocument } from '../store/anchoring-store.ts';

const statusAnswer = (document: AnchoringDocument): Static<typeof AnchorStatus> => {
  const { sessionId, status, attempts, reason, anchor } = document;
  return {
    sessionId,
    status,
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(anchor === undefined ? {} : { anchor: { ...anchor, inclusion: [...anchor.inclusion] } }),
  };
};

export const anchorHandlers: Handlers<typeof onSystemChainClientContract, Context> = {
  registerSession: async ({ body }, _call, { anchoring }) =>
    statusAnswer(await anchoring.ask({ kind: 'session', args: body })),
  registerDeletion: async ({ body }, _call, { anchoring }) =>
    statusAnswer(await anchoring.ask({ kind: 'deletion', args: body })),
  getAnchor: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.find('session', params.sessionId)),
  getDeletion: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.find('deletion', params.sessionId)),
  refreshAnchor: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.refresh(params.sessionId)),
};
