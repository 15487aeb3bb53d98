/** What went wrong with a service, as the client is told. */
import { isProblem, type ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** Codes of undici and of sockets: the connection was lost, so perhaps one that was idle too long. */
const LOST: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const LATE: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

export const isLost = (error: unknown): boolean => LOST.has(codeOf(error));

export function problemOfFailure(error: unknown): ProblemError {
  // What the intake said of the client's body.
  if (isProblem(error)) return error;
  const code = codeOf(error);
  if (LATE.has(code)) return problem('deadline_exceeded', { cause: error });
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return problem('bad_answer', { cause: error });
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') return problem('invalid_request', { cause: error });
  return problem('unavailable', { extensions: { retryAfterMs: 1_000 }, cause: error });
}
