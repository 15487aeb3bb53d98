/** An outbox in a collection of a document store. */
import { type Collection, type CollectionDefinition, isDocumentStoreError } from '@lucid/document-store';
import type { Outbox, OutboxRecord } from './outbox.ts';

/** The collection of the outbox; one may serve several accounts and chains. */
export const outboxCollection: CollectionDefinition<OutboxRecord> = {
  name: 'chain-outbox',
  key: ({ key }) => key,
  indexes: [],
};

export const createDocumentOutbox = (collection: Collection<OutboxRecord>): Outbox => ({
  async get(key) {
    const found = await collection.get(key);
    return found && { record: found.document, version: found.version };
  },
  async compareAndSet(record, expected) {
    try {
      await (expected === null ? collection.insert(record) : collection.replace(record, expected));
      return true;
    } catch (error) {
      if (isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key'))
        return false;
      throw error;
    }
  },
});
