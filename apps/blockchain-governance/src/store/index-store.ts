import { type IndexStore, openIndexStore, placeKey } from '@lucid/chain-index';
import { type DocumentStore, defineCollection } from '@lucid/document-store';
import type { GovernanceDocument } from '../domain/governance-event.ts';

const events = defineCollection<GovernanceDocument>({
  name: 'governance-events',
  key: (each) => (each.kind === 'node' ? `node-${each.node}` : placeKey(each)),
  indexes: [
    { name: 'byKind', fields: ['kind', 'height', 'logIndex'] },
    { name: 'byProposer', fields: ['proposer', 'height', 'logIndex'] },
    { name: 'byProposal', fields: ['proposalId', 'kind', 'height', 'logIndex'] },
    { name: 'byParameter', fields: ['parameterKey', 'height', 'logIndex'] },
    { name: 'byExecution', fields: ['executedIn', 'logIndex'] },
    { name: 'byNode', fields: ['kind', 'node'] },
  ],
});

export type GovernanceIndex = IndexStore<GovernanceDocument>;

export const openGovernanceIndex = (documents: DocumentStore): Promise<GovernanceIndex> =>
  openIndexStore(documents, { events, cursor: 'governance-cursor' });
