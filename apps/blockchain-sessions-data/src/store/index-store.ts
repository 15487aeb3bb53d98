/**
 * The index: one document for each event, and a cursor that is written after the events it stands for. An event's document is the
 * same whoever writes it and however often, so what was cut off is begun anew from the cursor.
 */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { ChainEvent } from '../domain/chain-event.ts';

const digits = (value: number): string => value.toString(16).padStart(14, '0');

export interface IndexCursor {
  readonly name: 'chain';
  /** `clearing`: all events go before the first block is read again. */
  readonly phase: 'following' | 'clearing';
  /** Of the newest block that is indexed, -1 before the first. */
  readonly height: number;
  readonly blockHash: string;
  readonly genesisHash: string;
  /** Blocks before it were pruned before they could be read. */
  readonly completeFrom: number;
}

export const freshCursor: IndexCursor = {
  name: 'chain',
  phase: 'following',
  height: -1,
  blockHash: '',
  genesisHash: '',
  completeFrom: 0,
};

const events = defineCollection<ChainEvent>({
  name: 'chain-session-events',
  key: ({ height, logIndex }) => `${digits(height)}-${digits(logIndex)}`,
  indexes: [
    { name: 'byKind', fields: ['kind', 'height', 'logIndex'] },
    { name: 'bySession', fields: ['sessionId', 'height', 'logIndex'] },
    { name: 'byManifest', fields: ['manifestHash', 'height', 'logIndex'] },
    { name: 'byBatch', fields: ['root', 'height', 'logIndex'] },
    { name: 'byChunk', fields: ['chunkOf', 'height', 'logIndex'] },
  ],
});

const cursors = defineCollection<IndexCursor>({
  name: 'chain-session-cursor',
  key: ({ name }) => name,
  indexes: [],
});

export interface IndexStore {
  readonly documents: DocumentStore;
  readonly events: Collection<ChainEvent>;
  readonly cursors: Collection<IndexCursor>;
}

export const openIndexStore = async (documents: DocumentStore): Promise<IndexStore> => ({
  documents,
  events: await documents.collection(events),
  cursors: await documents.collection(cursors),
});
