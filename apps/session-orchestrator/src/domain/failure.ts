/** Which failures of a step are worth another try. */
import { isChunkStoreError } from '@lucid/chunk-store';
import type { SessionFault } from '@lucid/contracts';
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
  'session_exists',
  'recording_exists',
] as const;

const permanentStoreCodes = ['session_unknown', 'record_missing', 'store_damaged'] as const;

export function isPermanent(error: unknown): boolean {
  if (error instanceof PermanentFailure) return true;
  if (isProblem(error)) return error.remote !== undefined && isProblem(error, ...permanentCodes);
  return permanentStoreCodes.some((code) => isChunkStoreError(error, code));
}

export interface Failure {
  readonly fault: SessionFault;
  /** One sentence, without addresses, secrets or content. */
  readonly reason: string;
}

export const failureOf = (error: unknown): Failure => ({ fault: faultOf(error), reason: reasonOf(error) });

/** The key went with a process that was started anew. */
const keyGoneCodes = ['key_forgotten', 'session_lost'] as const;
const unavailableCodes = ['unavailable', 'deadline_exceeded', 'too_many_requests'] as const;

function faultOf(error: unknown): SessionFault {
  const storeSays = (code: 'store_full' | 'store_unavailable') =>
    isChunkStoreError(error, code) || isDocumentStoreError(error, code);
  if (isProblem(error, 'store_full') || storeSays('store_full')) return 'store_full';
  if (isProblem(error, ...unavailableCodes) || storeSays('store_unavailable')) return 'unavailable';
  if (isProblem(error, ...keyGoneCodes)) return 'host_stopped';
  return isPermanent(error) ? 'contradiction' : 'internal';
}

function reasonOf(error: unknown): string {
  if (error instanceof PermanentFailure) return error.message;
  if (isProblem(error)) return `${error.remote ?? 'session-orchestrator'} answered ${error.code}`;
  if (isChunkStoreError(error)) return `the chunk store answered ${error.code}`;
  if (isDocumentStoreError(error)) return `the document store answered ${error.code}`;
  return 'the service failed; its log says why';
}
