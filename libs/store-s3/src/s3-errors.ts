/** What an S3 server answered, as the chunk store's own errors. */
import { ChunkStoreError, type ChunkStoreErrorCode } from '@lucid/chunk-store';

interface ServiceFailure {
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
}

function failureOf(error: unknown): ServiceFailure {
  const shape = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    name: String(shape.name),
    message: String(shape.message),
    status: shape.$metadata?.httpStatusCode,
  };
}

export const isNotFound = (error: unknown): boolean => {
  const { name } = failureOf(error);
  return name === 'NoSuchKey' || name === 'NotFound';
};

/** The object exists and so was not stored. */
export const isPreconditionFailed = (error: unknown): boolean => failureOf(error).status === 412;

/** Another conditional write of the same key was under way; the answer says nothing about its outcome. */
export const isConditionalConflict = (error: unknown): boolean => failureOf(error).status === 409;

export const isNotImplemented = (error: unknown): boolean => failureOf(error).status === 501;

/** Names of several servers for "no room": MinIO, Ceph, versitygw, generic. */
const FULL = new Set([
  'QuotaExceeded',
  'XMinioStorageFull',
  'InsufficientStorage',
  'StorageFull',
  'InsufficientCapacity',
]);

function codeOf({ name, status, message }: ServiceFailure, doing: 'read' | 'write'): ChunkStoreErrorCode {
  if (FULL.has(name) || status === 507) return 'store_full';
  if (status === 403 && doing === 'write') return 'store_read_only';
  if (/checksum mismatch/i.test(message)) return 'store_damaged';
  return 'store_unavailable';
}

export function toStoreError(error: unknown, doing: 'read' | 'write', sessionId?: string): Error {
  if (error instanceof ChunkStoreError) return error;
  const failure = failureOf(error);
  const detail = `S3 ${doing} failed: ${failure.name}${failure.status === undefined ? '' : ` ${failure.status}`}`;
  const options = { detail, cause: error, ...(sessionId === undefined ? {} : { sessionId }) };
  return new ChunkStoreError(codeOf(failure, doing), options);
}
