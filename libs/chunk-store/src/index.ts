export type {
  ChunkStore,
  ChunkStoreKind,
  SessionHead,
  SessionLayout,
  StoredSession,
} from './chunk-store.ts';
export {
  CHUNK_STORE_ERRORS,
  ChunkStoreError,
  type ChunkStoreErrorCode,
  type ChunkStoreErrorOptions,
  isChunkStoreError,
} from './errors.ts';
export { createMemoryChunkStore, type MemoryChunks } from './memory-chunk-store.ts';
export { type ObjectBackend, ObjectChunkStore, type StoredObject } from './object-chunk-store.ts';
export {
  assertRecord,
  assertSessionId,
  isSessionId,
  joinParts,
  MAX_RECORD_SIZE_BYTES,
  PREAMBLE_SIZE_BYTES,
  partsSizeBytes,
  RECORD_HEADER_SIZE_BYTES,
  type RecordFrame,
  readRecordFrame,
} from './record-frame.ts';
export { assertTrailer, FOOTER_SIZE_BYTES, readTrailerFooter, type TrailerFooter } from './trailer.ts';
