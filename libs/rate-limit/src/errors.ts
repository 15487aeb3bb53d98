/**
 * - `limits_unavailable`: closed, or the server did not answer in time; whether the request was counted is unknown.
 * - `invalid_limit`: a rule, key or lease of the wrong form.
 */
export type RateLimitErrorCode = 'limits_unavailable' | 'invalid_limit';

export class RateLimitError extends Error {
  readonly code: RateLimitErrorCode;

  constructor(code: RateLimitErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RateLimitError';
    this.code = code;
  }
}
