/**
 * Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a request under a key is done once, and its first answer is given again
 * for 24 hours, by any instance over the same store.
 *
 * A row is claimed before the work and gets the outcome after it. Whoever dies between leaves a claim without an outcome; when the
 * deadline of its request is over, the next one takes it over and does the work again, which is sound because the services behind are
 * idempotent for what is asked of them (a session is made under a key derived from account, key and request). An outcome is an
 * answer or a refusal that the operation declares; a failure of the moment (5xx, 429, no room) frees the key instead.
 */
import { bytesToHex, utf8ToBytes } from '@lucid/bytes';
import { apiServerContract, type OperationSpec } from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { type Collection, isDocumentStoreError } from '@lucid/document-store';
import { canonicalBytes, JcsError } from '@lucid/jcs';
import { accountOf, type Call, type Clock, isProblem, ProblemError } from '@lucid/service-kit';
import { LIMITS } from '../limits.ts';
import { problem } from '../problem.ts';
import type { AnswerRow } from '../store/answers.ts';

export type WritingOperation = keyof typeof apiServerContract.operations;

export interface KeyedRequest {
  readonly operation: WritingOperation;
  readonly input: {
    readonly params?: unknown;
    readonly query: { readonly idempotencyKey?: string };
    readonly body?: unknown;
  };
}

type Outcome =
  | { readonly answer: unknown }
  | {
      readonly refusal: { code: string; detail?: string | undefined; extensions: Record<string, unknown> };
    };

interface Claim {
  readonly row: AnswerRow;
  readonly version: number;
}

/** A request may outlive its deadline by the time that writing its outcome takes, and clocks differ. */
const HOLD_MARGIN_MS = 5_000;
const KEPT_MS = LIMITS.idempotencyKeySeconds * 1000;

const raced = (error: unknown): boolean =>
  isDocumentStoreError(error, 'duplicate_key') || isDocumentStoreError(error, 'version_conflict');

const hashOf = (...parts: readonly string[]): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))));

/** @throws ProblemError invalid_request for texts that are no Unicode */
function fingerprintOf({ operation, input: { params = null, body = null } }: KeyedRequest): string {
  try {
    return bytesToHex(sha256(canonicalBytes({ operation, params, body })));
  } catch (cause) {
    if (!(cause instanceof JcsError)) throw cause;
    throw problem('invalid_request', { detail: `The body has no canonical JSON (${cause.code}).`, cause });
  }
}

/** Whether the same request will be refused the same way: what its operation declares, but for lack of room. */
function isSettled(error: unknown, operation: WritingOperation): error is ProblemError {
  if (!isProblem(error)) return false;
  const { errors = [] }: OperationSpec = apiServerContract.operations[operation];
  const transient = ['store_full', 'idempotency_in_progress'];
  return errors.includes(error.code) && !transient.includes(error.code);
}

export class KeyedRequests {
  readonly #answers: Collection<AnswerRow>;
  readonly #clock: Clock;

  constructor({ answers, clock }: { answers: Collection<AnswerRow>; clock: Clock }) {
    this.#answers = answers;
    this.#clock = clock;
  }

  /**
   * Does the work, or answers what was answered first. `work` gets a key of its own for the services behind; none without a key.
   * @throws ProblemError idempotency_key_reused, idempotency_in_progress, and what the work throws
   */
  async once<T>(
    request: KeyedRequest,
    call: Call,
    work: (innerKey: string | undefined) => Promise<T>,
  ): Promise<T> {
    const given = request.input.query.idempotencyKey;
    if (given === undefined) return work(undefined);
    const account = accountOf(call).address;
    const idempotencyKey = given.replaceAll('"', '');
    const fingerprint = fingerprintOf(request);
    const claimed = await this.#claim({ account, idempotencyKey, fingerprint }, call.deadlineAtMs);
    if (typeof claimed === 'string') return replayed(claimed) as T;
    try {
      const answer = await work(hashOf('api-server', account, idempotencyKey, fingerprint));
      await this.#settle(claimed, { answer }, call);
      return answer;
    } catch (error) {
      if (isSettled(error, request.operation)) {
        const { code, detail, extensions } = error;
        await this.#settle(claimed, { refusal: { code, detail, extensions } }, call);
      } else await this.#free(claimed, call);
      throw error;
    }
  }

  /** A claim, or the outcome that is there. */
  async #claim(
    key: Pick<AnswerRow, 'account' | 'idempotencyKey' | 'fingerprint'>,
    deadlineAtMs: number,
  ): Promise<Claim | string> {
    for (;;) {
      const nowMs = this.#clock.nowMs();
      const row = { ...key, heldUntilMs: deadlineAtMs + HOLD_MARGIN_MS, expiresAtMs: nowMs + KEPT_MS };
      const there = await this.#answers.get(this.#answers.definition.key(row));
      if (there && there.document.expiresAtMs > nowMs) {
        const { fingerprint, outcome, heldUntilMs } = there.document;
        if (fingerprint !== key.fingerprint) throw problem('idempotency_key_reused');
        if (outcome !== undefined) return outcome;
        if (heldUntilMs > nowMs)
          throw problem('idempotency_in_progress', { extensions: { retryAfterMs: heldUntilMs - nowMs } });
      }
      try {
        const version = there
          ? await this.#answers.replace(row, there.version)
          : await this.#answers.insert(row);
        return { row, version };
      } catch (error) {
        if (!raced(error)) throw error;
      }
    }
  }

  /** The answer is given whether or not it could be kept: the work is done, and doing it again is sound. */
  async #settle({ row, version }: Claim, outcome: Outcome, call: Call): Promise<void> {
    try {
      await this.#answers.replace({ ...row, outcome: JSON.stringify(outcome) }, version);
    } catch (error) {
      // Taken over, after its time: the other's outcome stands.
      if (!raced(error)) call.log.warn({ err: error }, 'an answer could not be kept under its key');
    }
  }

  async #free({ row, version }: Claim, call: Call): Promise<void> {
    try {
      await this.#answers.remove(this.#answers.definition.key(row), version);
    } catch (error) {
      if (!raced(error)) call.log.warn({ err: error }, 'a key could not be freed; it is after its time');
    }
  }
}

/** @throws ProblemError where the first answer was a refusal */
function replayed(text: string): unknown {
  const outcome = JSON.parse(text) as Outcome;
  if ('answer' in outcome) return outcome.answer;
  const { code, detail, extensions } = outcome.refusal;
  throw new ProblemError(code, { extensions, ...(detail === undefined ? {} : { detail }) });
}
