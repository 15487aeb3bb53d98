export {
  type BulkFault,
  type BulkJob,
  type BulkRow,
  BulkSealError,
  type BulkSource,
  bulkFaults,
} from './bulk/bulk-job.ts';
export { type BulkSealOptions, type BulkSealResult, bulkSeal } from './bulk/bulk-seal.ts';
export { runBulkWorker } from './bulk/bulk-worker.ts';
export { ChunkCutter, type Cut, type CutterOptions } from './chunk-cutter.ts';
export { type ChunkCodec, type PackedChunk, packChunk, packScratchBytes } from './pack-chunk.ts';
export {
  type ChunkToSeal,
  keyCommitment,
  type OpenedChunk,
  openChunk,
  recordLeafHash,
  type SealedRecord,
  sealChunk,
  unsealChunk,
} from './seal-chunk.ts';
