export { createS3ChunkStore, type S3ChunkStoreOptions } from './s3-chunk-store.ts';
