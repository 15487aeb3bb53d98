import { type IndexStore, openIndexStore, placeKey } from '@lucid/chain-index';
import { type DocumentStore, defineCollection } from '@lucid/document-store';
import type { ChainEvent } from '../domain/chain-event.ts';

const events = defineCollection<ChainEvent>({
  name: 'chain-session-events',
  key: placeKey,
  indexes: [
    { name: 'byKind', fields: ['kind', 'height', 'logIndex'] },
    { name: 'bySession', fields: ['sessionId', 'height', 'logIndex'] },
    { name: 'byManifest', fields: ['manifestHash', 'height', 'logIndex'] },
    { name: 'byBatch', fields: ['root', 'height', 'logIndex'] },
    { name: 'byChunk', fields: ['chunkOf', 'height', 'logIndex'] },
  ],
});

export type SessionIndexStore = IndexStore<ChainEvent>;

export const openSessionIndexStore = (documents: DocumentStore): Promise<SessionIndexStore> =>
  openIndexStore(documents, { events, cursor: 'chain-session-cursor' });
