/** Who may call an operation: the one place that decides it, in every host and over every transport. */
import { permits } from '@lucid/access';
import type { OperationSpec } from '@lucid/contracts';
import { type AccountVerifier, type SignedInAccount, saysAccessToken } from '../auth/access-tokens.ts';
import type { TokenVerifier } from '../auth/tokens.ts';
import type { Call } from '../definition.ts';
import { ProblemError } from '../problem.ts';

/** Who calls: a service, `operator`, `public`, or `account` with the account. */
export interface Principal {
  readonly caller: string;
  readonly account?: SignedInAccount;
}

export interface Guard {
  /** At once unless keys of access tokens must be fetched first. @throws ProblemError unauthenticated, forbidden, unavailable */
  authorise(
    operation: string,
    spec: OperationSpec,
    authorization: string | undefined,
  ): Principal | Promise<Principal>;
}

const anybody: Principal = { caller: 'public' };
const bearer = 'Bearer ';

export function createGuard(options: { verifyToken: TokenVerifier; accounts: AccountVerifier }): Guard {
  const { verifyToken, accounts } = options;
  return {
    authorise(operation, spec, authorization) {
      const open = spec.callers.includes('public');
      if (authorization === undefined) {
        if (open) return anybody;
        throw new ProblemError('unauthenticated', { detail: `This operation needs ${needed(spec)}.` });
      }
      const token = tokenOf(authorization);
      if (saysAccessToken(token)) {
        const account = accounts.verify(token);
        return account instanceof Promise
          ? account.then((each) => principalOf(spec, each))
          : principalOf(spec, account);
      }
      const caller = verifyToken(token, operation);
      if (open || spec.callers.includes(caller)) return { caller };
      throw new ProblemError('forbidden', {
        detail: 'The contract does not name this caller for this operation.',
      });
    },
  };
}

const needed = ({ callers }: OperationSpec): string =>
  callers.includes('account') ? 'an access token: sign in first' : 'a service token';

function principalOf(spec: OperationSpec, account: SignedInAccount): Principal {
  const { permission } = spec;
  if (spec.callers.includes('public')) return { caller: 'account', account };
  if (permission === undefined)
    throw new ProblemError('forbidden', { detail: 'This operation is for services only.' });
  if (!permits(account, permission))
    throw new ProblemError('forbidden', {
      detail: account.scope
        ? `A token of scope ${account.scope} does not permit ${permission}.`
        : `The role ${account.role} does not permit ${permission}.`,
      extensions: { permission },
    });
  return { caller: 'account', account };
}

/** Of an operation that names no callers but accounts. @throws ProblemError unauthenticated */
export function accountOf({ account }: Call): SignedInAccount {
  if (!account) throw new ProblemError('unauthenticated');
  return account;
}

/** A token made for one session opens nothing that is not about it. @throws ProblemError forbidden */
export function assertSession(account: SignedInAccount | undefined, params: unknown): void {
  if (account?.sessionId === undefined) return;
  if ((params as { sessionId?: unknown } | undefined)?.sessionId === account.sessionId) return;
  throw new ProblemError('forbidden', { detail: 'The token is for another session only.' });
}

function tokenOf(authorization: string): string {
  const token = authorization.slice(bearer.length);
  const scheme = authorization.slice(0, bearer.length);
  if ((scheme !== bearer && scheme.toLowerCase() !== 'bearer ') || token === '' || token.includes(' '))
    throw new ProblemError('unauthenticated', { detail: 'The authorization must be a bearer token.' });
  return token;
}
