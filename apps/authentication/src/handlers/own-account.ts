import { PERMISSIONS, permits } from '@lucid/access';
import type { authenticationContract } from '@lucid/contracts';
import type { Call, Handlers, SignedInAccount } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { loginAnswer, tokenAnswer, userAnswer, walletAnswer } from '../domain/answers.ts';
import { problem } from '../problem.ts';

type OwnOperations = Pick<
  Handlers<typeof authenticationContract, Context>,
  | 'logout'
  | 'getMe'
  | 'listLogins'
  | 'endLogin'
  | 'beginTotp'
  | 'confirmTotp'
  | 'removeTotp'
  | 'createApiToken'
  | 'listApiTokens'
  | 'revokeApiToken'
  | 'addHardwareWallet'
  | 'listHardwareWallets'
  | 'removeHardwareWallet'
  | 'getOwnUser'
  | 'putOwnUser'
>;

/** @throws ProblemError forbidden for callers that are no accounts */
export function accountOf({ account }: Call): SignedInAccount {
  if (!account) throw problem('forbidden');
  return account;
}

export const ownAccountHandlers: OwnOperations = {
  logout: async (_input, call, { logins }) => {
    const { address, loginId } = accountOf(call);
    await logins.endCurrent(address, loginId);
  },

  getMe: (_input, call) => {
    const account = accountOf(call);
    const { address, role, profile, loginId, tokenId, issuedAt, expiresAt, scope, sessionId } = account;
    return {
      ...{ address, role, profile, loginId, tokenId, issuedAt, expiresAt },
      permissions: PERMISSIONS.filter((each) => permits(account, each)),
      ...(scope === undefined ? {} : { scope }),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
  },

  listLogins: async (_input, call, { logins }) => {
    const { address, loginId } = accountOf(call);
    const rows = await logins.list(address);
    return { logins: rows.map((row) => loginAnswer(row, row.loginId === loginId)) };
  },

  endLogin: ({ params }, call, { logins }) => logins.endOwn(accountOf(call).address, params.loginId),

  beginTotp: (_input, call, { authenticators }) => authenticators.begin(accountOf(call)),

  confirmTotp: async ({ body }, call, { authenticators }) => ({
    recoveryCodes: [...(await authenticators.confirm(accountOf(call), body.code))],
  }),

  removeTotp: ({ query }, call, { authenticators }) => authenticators.remove(accountOf(call), query.code),

  createApiToken: async ({ body }, call, { apiTokens }) => {
    const { row, token } = await apiTokens.make(accountOf(call), body);
    return { ...tokenAnswer(row), token };
  },

  listApiTokens: async (_input, call, { apiTokens }) => ({
    tokens: (await apiTokens.list(accountOf(call).address)).map(tokenAnswer),
  }),

  revokeApiToken: ({ params }, call, { apiTokens }) =>
    apiTokens.revoke(accountOf(call).address, params.tokenId),

  addHardwareWallet: async ({ body }, call, { wallets }) =>
    walletAnswer(await wallets.add(accountOf(call).address, body)),

  listHardwareWallets: async (_input, call, { wallets }) => ({
    wallets: (await wallets.list(accountOf(call).address)).map(walletAnswer),
  }),

  removeHardwareWallet: ({ params }, call, { wallets }) =>
    wallets.remove(accountOf(call).address, params.walletId),

  getOwnUser: async (_input, call, { users }) => userAnswer(await users.find(accountOf(call).address)),

  putOwnUser: async ({ body }, call, { users }) =>
    userAnswer(await users.describe(accountOf(call).address, body.displayName)),
};
