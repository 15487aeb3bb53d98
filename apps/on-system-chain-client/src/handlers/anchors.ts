import type { AnchorStatus, AuditHeadStatus, onSystemChainClientContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { type AnchoringDocument, subjectOf } from '../store/anchoring-store.ts';

const stateAnswer = ({ status, attempts, reason, anchor }: AnchoringDocument) => {
  return {
    status,
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(anchor === undefined ? {} : { anchor: { ...anchor, inclusion: [...anchor.inclusion] } }),
  };
};

const statusAnswer = (document: AnchoringDocument): Static<typeof AnchorStatus> => ({
  sessionId: subjectOf(document.asked),
  ...stateAnswer(document),
});

const headAnswer = (
  { entries, hash }: { entries: number; hash: string },
  document: AnchoringDocument,
): Static<typeof AuditHeadStatus> => ({ entries, hash, ...stateAnswer(document) });

export const anchorHandlers: Handlers<typeof onSystemChainClientContract, Context> = {
  registerSession: async ({ body }, _call, { anchoring }) =>
    statusAnswer(await anchoring.ask({ kind: 'session', args: body })),
  registerDeletion: async ({ body }, _call, { anchoring }) =>
    statusAnswer(await anchoring.ask({ kind: 'deletion', args: body })),
  registerAuditHead: async ({ body }, _call, { anchoring }) =>
    headAnswer(body, await anchoring.ask({ kind: 'audit', args: body })),
  getAnchor: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.find('session', params.sessionId)),
  getDeletion: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.find('deletion', params.sessionId)),
  refreshAnchor: async ({ params }, _call, { anchoring }) =>
    statusAnswer(await anchoring.refresh(params.sessionId)),
  getLedgerCheckpoint: (_input, call, { ledger }) => ledger.getCheckpoint({}, { call }),
  getLedgerEntry: ({ params }, call, { ledger }) => ledger.getEntryByIndex({ params }, { call }),
};
