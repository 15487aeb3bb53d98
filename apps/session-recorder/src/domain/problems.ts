import { sessionRecorderContract } from '@lucid/contracts';
import { isProblem, ProblemError, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(sessionRecorderContract);

/** What the chunker refuses, in this service's words. */
export function chunkerProblem(error: unknown): unknown {
  if (isProblem(error, 'session_lost')) return problem('session_lost', { cause: error });
  if (isProblem(error, 'store_full')) return problem('store_full', { cause: error });
  // What it judges of a request (an interruption without its reason), the caller of this service has to hear.
  if (isProblem(error, 'invalid_request'))
    return problem('invalid_request', {
      ...(error instanceof ProblemError && error.detail ? { detail: error.detail } : {}),
      cause: error,
    });
  return error;
}
