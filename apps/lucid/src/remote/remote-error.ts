/** Failures of a host on the other side of its gateway, in words for people. */
import { authenticationContract, type ErrorSpec, sessionApiContract } from '@lucid/contracts';
import { isProblem, kitErrors, ProblemError } from '@lucid/service-kit';
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

/** What a code means, as the contracts say it. */
const SPECS: Readonly<Record<string, ErrorSpec | undefined>> = {
  ...kitErrors,
  ...authenticationContract.errors,
  ...sessionApiContract.errors,
};

interface Fault {
  readonly pointer?: unknown;
  readonly expected?: unknown;
}

/** The first of what does not match, as `/body/address: must match …`. */
function faultsOf({ extensions }: ProblemError): string {
  const faults = Array.isArray(extensions.faults) ? (extensions.faults as readonly Fault[]) : [];
  return faults
    .slice(0, 3)
    .map(({ pointer, expected }) => `${String(pointer)} ${String(expected)}`)
    .join('; ');
}

/** What can still be said where the code says little: the contract's own sentence, and what the service adds. */
function plainTextOf(problem: ProblemError, origin: string): string {
  const faults = faultsOf(problem);
  if (faults) return `${origin} does not take this: ${faults}`;
  const title = SPECS[problem.code]?.title ?? problem.code;
  return `${origin}: ${[title, problem.detail].filter(Boolean).join(' ')}`;
}

/** Whether the token is the user's own login, or one that somebody gave (LUCID_TOKEN). */
export interface Asked {
  readonly origin: string;
  readonly givenToken: boolean;
}

function textOf(problem: ProblemError, { origin, givenToken }: Asked): string {
  const detail = problem.detail ?? '';
  switch (problem.code) {
    case 'login_refused':
      return `${origin} refuses the sign-in, and does not say why; its log does. An address must be invited or hold the one-time code, and registers once (lucid register); who has an authenticator gives --totp CODE; five failures lock an address out for 15 minutes.`;
    case 'unauthenticated':
      return givenToken
        ? `${origin} does not take the token in LUCID_TOKEN${detail ? `: ${detail}` : '.'} Ask whoever gave it for a new one, or unset LUCID_TOKEN.`
        : `${origin} does not take the token${detail ? `: ${detail}` : '.'} Sign in with: lucid --host ${origin} login`;
    case 'forbidden':
      return `${origin} does not let you do that${detail ? `: ${detail}` : '.'}`;
    case 'session_unknown':
      return 'there is no such session, or it is not yours to see';
    case 'too_many_requests':
      return `${origin} has had too many requests; try again${seconds(problem)}.`;
    default:
      return plainTextOf(problem, origin);
  }
}

const AWAY = new Set(['unavailable', 'deadline_exceeded', 'bad_answer', 'internal']);

/** The innermost cause: of a connection, what the system said. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

export function toRemoteError(error: unknown, asked: Asked): unknown {
  const { origin } = asked;
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
  return new CliError(CODES[error.code] ?? 'host_failed', textOf(error, asked), { cause: error });
}
