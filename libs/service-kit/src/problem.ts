/**
 * RFC 9457 problems: the only shape in which a failure crosses a service's border.
 *
 * A code is an entry of a closed set: the kit's own below, or the errors that the contract declares. What a 5xx was
 * caused by goes to the log, never into the answer.
 */
import type { ContractSpec, ErrorCodeOf, ErrorSpec } from '@lucid/contracts';

/** Errors that any operation may answer, besides those its contract declares. */
export const kitErrors = {
  invalid_request: { status: 400, title: 'The request does not match what this operation accepts.' },
  unauthenticated: { status: 401, title: 'The request carries no valid token for this operation.' },
  forbidden: { status: 403, title: 'The caller may not use this operation.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not offer this method.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time.' },
  payload_too_large: { status: 413, title: 'The request is larger than this operation accepts.' },
  unsupported_media_type: { status: 415, title: 'The media type of the body is not the one expected.' },
  too_many_requests: { status: 429, title: 'Too many requests; try again later.' },
  headers_too_large: { status: 431, title: 'The headers of the request are too large.' },
  internal: { status: 500, title: 'The service failed; its log says why.' },
  bad_answer: { status: 502, title: 'A called service answered what its contract does not allow.' },
  unavailable: { status: 503, title: 'The service cannot answer now; try again later.' },
  deadline_exceeded: { status: 504, title: 'The work was not done before its deadline.' },
} as const satisfies Record<string, ErrorSpec>;

export type KitErrorCode = keyof typeof kitErrors;

export interface ProblemOptions {
  /** For the caller: what is wrong and what next. No secret, no user content. Dropped from 5xx answers. */
  readonly detail?: string;
  /** Further members of the answer. Dropped from 5xx answers. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A failure with a code. `remote` names the service that answered it, absent where it arose in this process's own code. */
export class ProblemError<Code extends string = string> extends Error {
  override readonly name = 'ProblemError';
  readonly code: Code;
  readonly detail: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly remote: string | undefined;

  constructor(code: Code, options: ProblemOptions & { remote?: string } = {}) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.extensions = options.extensions ?? {};
    this.remote = options.remote;
  }
}

/** Makes a contract's problems, so that a code the contract does not declare does not compile. */
export const problemsOf =
  <const C extends ContractSpec>(_contract: C) =>
  (
    code: ErrorCodeOf<C> | KitErrorCode,
    options?: ProblemOptions,
  ): ProblemError<ErrorCodeOf<C> | KitErrorCode> =>
    new ProblemError(code, options);

export const isProblem = (error: unknown, ...codes: readonly string[]): error is ProblemError =>
  error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance: string;
  readonly [extension: string]: unknown;
}

export const problemMediaType = 'application/problem+json';
const typePrefix = 'urn:lucid:problem:';

/** Code of a problem document's `type`, or null where it is not one of ours. */
export const codeOfProblemType = (type: unknown): string | null =>
  typeof type === 'string' && type.startsWith(typePrefix) ? type.slice(typePrefix.length) : null;

/** The document that a problem is answered with; `spec` is the entry of its code. */
export function problemDocument(options: {
  problem: ProblemError;
  spec: ErrorSpec;
  requestId: string;
}): ProblemDocument {
  const { problem, spec, requestId } = options;
  const base = {
    type: typePrefix + problem.code,
    title: spec.title,
    status: spec.status,
    instance: `urn:lucid:request:${requestId}`,
  };
  if (spec.status >= 500) {
    const retryAfterMs = problem.extensions.retryAfterMs;
    return typeof retryAfterMs === 'number' ? { ...base, retryAfterMs } : base;
  }
  return { ...problem.extensions, ...base, ...(problem.detail ? { detail: problem.detail } : {}) };
}
