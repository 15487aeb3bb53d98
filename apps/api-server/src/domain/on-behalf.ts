/** Asking other services for an account: with its own token, and no further than its profile reaches. */
import { reaches } from '@lucid/access';
import { accountOf, type Call, isProblem, ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';

/** What is closed to a profile at the gateway is not opened by the way through this service. @throws ProblemError forbidden */
export function assertReaches(call: Call, service: string): void {
  const { profile } = accountOf(call);
  if (reaches(profile, service)) return;
  throw problem('forbidden', { detail: `The profile ${profile} does not reach ${service}.` });
}

/** Refusals of the account or of its input: they say the same when this service repeats them. */
const repeated = ['unauthenticated', 'forbidden', 'invalid_request'] as const;

function asOwn(error: unknown): unknown {
  if (isProblem(error, 'idempotency_conflict')) return problem('idempotency_in_progress', { cause: error });
  if (!isProblem(error, ...repeated) || error.remote === undefined) return error;
  const { code, detail, extensions } = error;
  return new ProblemError(code, { extensions, cause: error, ...(detail === undefined ? {} : { detail }) });
}

/** @throws ProblemError forbidden where the profile does not reach the service; what the service answers */
export async function onBehalf<T>(
  call: Call,
  service: 'session-api' | 'authentication',
  ask: (options: { call: Call; asAccount: true }) => Promise<T>,
): Promise<T> {
  assertReaches(call, service);
  try {
    return await ask({ call, asAccount: true });
  } catch (error) {
    throw asOwn(error);
  }
}
