/**
 * The index: documents that are read from events, and a cursor that is written after the events it stands for. A document is the same
 * whoever writes it and however often, so what was cut off is begun anew from the cursor.
 */
import {
  type Collection,
  type CollectionDefinition,
  type DocumentStore,
  defineCollection,
} from '@lucid/document-store';

export interface IndexCursor {
  readonly name: 'chain';
  /** `clearing`: all documents go before the first block is read again. */
  readonly phase: 'following' | 'clearing';
  /** Of the newest block that is indexed, -1 before the first. */
  readonly height: number;
  readonly blockHash: string;
  readonly genesisHash: string;
  /** Blocks before it were pruned before they could be read. */
  readonly completeFrom: number;
  /** Addresses whose events were read, joined by spaces; absent before the first block, and in indexes of before. */
  readonly watched?: string | undefined;
  /** Of this making of the index, never given twice; absent where nobody asked for one, and in indexes of before until their next block. */
  readonly generation?: string | undefined;
}

export const freshCursor: IndexCursor = {
  name: 'chain',
  phase: 'following',
  height: -1,
  blockHash: '',
  genesisHash: '',
  completeFrom: 0,
};

export interface IndexStore<E extends object> {
  readonly documents: DocumentStore;
  readonly events: Collection<E>;
  readonly cursors: Collection<IndexCursor>;
}

export interface IndexStoreOptions<E extends object> {
  readonly events: CollectionDefinition<E>;
  /** Name of the cursor's collection. */
  readonly cursor: string;
}

export const openIndexStore = async <E extends object>(
  documents: DocumentStore,
  { events, cursor }: IndexStoreOptions<E>,
): Promise<IndexStore<E>> => ({
  documents,
  events: await documents.collection(events),
  cursors: await documents.collection(
    defineCollection<IndexCursor>({ name: cursor, key: ({ name }) => name, indexes: [] }),
  ),
});
