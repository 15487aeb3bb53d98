import type { AnchorStatus, AuditHeadStatus, onSystemChainClientContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { BundleAnchor } from '@lucid/session-format';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { type AnchoringDocument, subjectOf } from '../store/anchoring-store.ts';

function anchorAnswer(anchor: BundleAnchor): Pick<Static<typeof AnchorStatus>, 'anchor' | 'chainAnchor'> {
  const inclusion = [...anchor.inclusion];
  if (anchor.kind === 'ledger') return { anchor: { ...anchor, inclusion } };
  const { batch, transactionProof, receiptProof, ...rest } = anchor;
  return {
    chainAnchor: {
      ...rest,
      ...(batch === undefined ? {} : { batch: { ...batch, path: [...batch.path] } }),
      transactionProof: [...transactionProof],
      receiptProof: [...receiptProof],
      inclusion,
    },
  };
}

const stateAnswer = ({ status, attempts, reason, anchor, ...place }: AnchoringDocument) => {
  const { transactionHash, blockHeight } = place;
  return {
    status,
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(transactionHash === undefined ? {} : { transactionHash }),
    ...(blockHeight === undefined ? {} : { blockHeight }),
    ...(anchor === undefined ? {} : anchorAnswer(anchor)),
  };
};

const statusAnswer = (document: AnchoringDocument): Static<typeof AnchorStatus> => ({
  sessionId: subjectOf(document.asked),
  ...stateAnswer(document),
});

const headAnswer = (
  { entries, hash }: { entries: number; hash: string },
  document: AnchoringDocument,
): Static<typeof AuditHeadStatus> => {
  const { status, attempts, reason, anchor } = stateAnswer(document);
  return {
    ...{ entries, hash, status, attempts },
    ...(reason === undefined ? {} : { reason }),
    ...(anchor === undefined ? {} : { anchor }),
  };
};

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
