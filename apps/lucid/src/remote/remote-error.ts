/** Failures of a host on the other side of its gateway, in words for people. */
import { isProblem, ProblemError } from '@lucid/service-kit';
import { CliError, type CliErrorCode } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

const seconds = (problem: ProblemError): string => {
  const { retryAfterMs } = problem.extensions;
  return typeof retryAfterMs === 'number' ? ` in ${Math.ceil(retryAfterMs / 1000)} s` : ' later';
};

const CODES: Readonly<Record<string, CliErrorCode>> = {
  login_refused: 'login_refused',
  refresh_refused: 'signed_out',
  unauthenticated: 'signed_out',
  forbidden: 'forbidden',
  session_unknown: 'session_unknown',
  not_ready: 'not_finished',
  store_full: 'store_full',
};

function textOf(problem: ProblemError, origin: string): string {
  const detail = problem.detail ?? '';
  switch (problem.code) {
    case 'login_refused':
      return `${origin} refuses the sign-in. Is this address invited there (lucid register), and does it have an authenticator (--totp CODE)? The host's log says why.`;
    case 'unauthenticated':
      return `${origin} does not take the token${detail ? `: ${detail}` : '.'} Sign in with: lucid --host ${origin} login`;
    case 'forbidden':
      return `${origin} does not let you do that${detail ? `: ${detail}` : '.'}`;
    case 'session_unknown':
      return 'there is no such session, or it is not yours to see';
    case 'too_many_requests':
      return `${origin} has had too many requests; try again${seconds(problem)}.`;
    default:
      return detail ? `${origin}: ${detail} (${problem.code})` : `${origin} answers ${problem.code}.`;
  }
}

const AWAY = new Set(['unavailable', 'deadline_exceeded', 'bad_answer', 'internal']);

/** The innermost cause: of a connection, what the system said. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

export function toRemoteError(error: unknown, origin: string): unknown {
  if (!isProblem(error) || !(error instanceof ProblemError)) return error;
  const root = rootOf(error);
  if ((root as { code?: unknown }).code === 'CERTIFICATE_CHANGED')
    return new CliError(
      'host_untrusted',
      `${origin} shows another certificate than the one that was trusted; see: lucid --host ${origin} login`,
      { cause: error },
    );
  if (AWAY.has(error.code)) {
    const why = root === error ? 'it does not answer as it should' : plainReason(root);
    return new CliError('host_unreachable', `${origin} cannot be reached: ${why}. Is the host running?`, {
      cause: error,
    });
  }
  return new CliError(CODES[error.code] ?? 'host_failed', textOf(error, origin), { cause: error });
}
