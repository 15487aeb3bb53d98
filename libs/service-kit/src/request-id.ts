import { randomUUID } from 'node:crypto';

export const requestIdHeader = 'x-request-id';
/** Milliseconds left for the work, as a decimal integer: relative, so that clocks need not agree. */
export const deadlineHeader = 'x-lucid-deadline-ms';
/** W3C Trace Context. */
export const traceHeader = 'traceparent';
/** draft-ietf-httpapi-idempotency-key-header; reaches operations whose query knows `idempotencyKey`. */
export const idempotencyKeyHeader = 'idempotency-key';

const sane = /^[A-Za-z0-9._-]{8,64}$/;

export const createRequestId = (): string => randomUUID();

/** The caller's id where it is harmless in a log line, else a new one. */
export const acceptRequestId = (offered: unknown): string =>
  typeof offered === 'string' && sane.test(offered) ? offered : createRequestId();

/** Longest a request may run, whatever its caller asks for. */
const longestDeadlineMs = 15 * 60_000;

/** Milliseconds that a request has: its operation's default, shortened or lengthened by what the caller offers. */
export function acceptDeadlineMs(offered: unknown, defaultMs: number): number {
  if (typeof offered !== 'string' || !/^[0-9]{1,9}$/.test(offered)) return defaultMs;
  return Math.min(Number(offered), longestDeadlineMs);
}
