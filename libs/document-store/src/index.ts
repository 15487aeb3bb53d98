export * from './definition.ts';
export * from './document-store.ts';
export { copyDocument, documentFromJson, documentToJson, MAX_DOCUMENT_BYTES } from './document-value.ts';
export * from './errors.ts';
export { type EntryBounds, MAX_ENTRY_BYTES, MAX_KEY_BYTES } from './index-key.ts';
export { createLeaseKeeper, type LeaseKeeper, leaseCollection } from './leases.ts';
export { createMemoryDocumentStore, type MemoryDocuments } from './memory-document-store.ts';
export { OpenCollections, type OpenCollectionsOptions } from './open-collections.ts';
export {
  checkKeys,
  compareEntries,
  cursorOf,
  MAX_LIMIT,
  type PageRange,
  pageRangeOf,
  type Range,
  rangeOf,
} from './range.ts';
export { scan, sweepCollection } from './scan.ts';
export {
  duplicateKey,
  type Entries,
  entriesOf,
  inBatch,
  MAX_BATCH,
  type PreparedWrite,
  prepareWrite,
  versionConflict,
} from './write.ts';
