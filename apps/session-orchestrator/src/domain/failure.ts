/** Which failures of a step are worth another try. */
import { isChunkStoreError } from '@lucid/chunk-store';
import { isDocumentStoreError } from '@lucid/document-store';
import { isProblem } from '@lucid/service-kit';

/** A contradiction that no repetition resolves; the message is for the owner of the session. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}

/** Not a failure: what the step waits for is under way elsewhere. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly retryAfterMs: number;

  constructor(what: string, retryAfterMs: number) {
    super(what);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Answers of other services that say "never". */
const permanentCodes = [
  'session_unknown',
  'record_unknown',
  'record_damaged',
  'leaf_conflict',
  'tree_damaged',
  'tree_final',
  'anchor_conflict',
  'invalid_request',
  'payload_too_large',
] as const;

const permanentStoreCodes = ['session_unknown', 'record_missing', 'store_damaged'] as const;

export function isPermanent(error: unknown): boolean {
  if (error instanceof PermanentFailure) return true;
  if (isProblem(error)) return error.remote !== undefined && isProblem(error, ...permanentCodes);
  return permanentStoreCodes.some((code) => isChunkStoreError(error, code));
}

/** One sentence, without addresses, secrets or content. */
export function reasonOf(error: unknown): string {
  if (error instanceof PermanentFailure) return error.message;
  if (isProblem(error)) return `${error.remote ?? 'session-orchestrator'} answered ${error.code}`;
  if (isChunkStoreError(error)) return `the chunk store answered ${error.code}`;
  if (isDocumentStoreError(error)) return `the document store answered ${error.code}`;
  return 'the service failed; its log says why';
}
