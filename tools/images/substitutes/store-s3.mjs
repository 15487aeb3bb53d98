// S3's client is in the images of services that store chunks.

/** Throws: this service has no use for S3. */
export function createS3ChunkStore() {
  throw new RangeError(
    'the image of this service has no client for s3:; chunks are stored by session-encryptor',
  );
}
