/** What the MongoDB driver reports, as the chunk store's own errors. */
import { ChunkStoreError, type ChunkStoreErrorCode } from '@lucid/chunk-store';

const shapeOf = (error: unknown): { code?: unknown; name?: unknown; codeName?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};

export const isDuplicateKey = (error: unknown): boolean => shapeOf(error).code === 11000;

/** Server codes 14031 OutOfDiskSpace and 13 Unauthorized. */
function codeOf(error: unknown, doing: 'read' | 'write'): ChunkStoreErrorCode {
  const { code, name } = shapeOf(error);
  if (code === 14031) return 'store_full';
  if (code === 13 && doing === 'write') return 'store_read_only';
  if (name === 'MongoGridFSChunkError') return 'store_damaged';
  return 'store_unavailable';
}

export function toChunkStoreError(error: unknown, doing: 'read' | 'write', sessionId?: string): Error {
  if (error instanceof ChunkStoreError) return error;
  const { name, codeName, code } = shapeOf(error);
  const detail = `MongoDB ${doing} failed: ${[name, codeName ?? code].filter((part) => part !== undefined).join(' ')}`;
  const options = { detail, cause: error, ...(sessionId === undefined ? {} : { sessionId }) };
  return new ChunkStoreError(codeOf(error, doing), options);
}
