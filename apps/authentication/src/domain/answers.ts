/** What logins are answered with: tokens, and rows in the words of the contract. */
import type { authenticationContract, OutputOf } from '@lucid/contracts';
import type { Clock } from '@lucid/service-kit';
import type { ApiTokenRow, LoginRow, UserRow, WalletRow } from '../store/rows.ts';
import { accessTimes, standingOf } from './login-terms.ts';
import type { LiveLogin } from './logins.ts';
import { refreshTokenText } from './refresh-tokens.ts';
import type { SigningKeys } from './signing-keys.ts';

type Operations = (typeof authenticationContract)['operations'];
export type LoginAnswer = OutputOf<Operations['login']>;
type User = OutputOf<Operations['getUser']>;

const seconds = (timeMs: number): number => Math.floor(timeMs / 1000);

interface AnswersOptions {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  ofLogin({ user, login, refresh }: LiveLogin): LoginAnswer {
    const { keys, clock, random } = this.#options;
    const { address } = user;
    const { loginId } = login;
    const { role, profile, reduced } = standingOf(user, login);
    const { iat, exp } = accessTimes(clock.nowMs(), login.expiresAtMs);
    const jti = Buffer.from(random(16)).toString('base64url');
    return {
      accessToken: keys.sign({ sub: address, role, profile, lid: loginId, jti, iat, exp }),
      tokenType: 'Bearer',
      expiresIn: exp - iat,
      refreshToken: refreshTokenText(refresh),
      refreshExpiresIn: Math.max(0, seconds(login.expiresAtMs) - iat),
      account: { address, role, accountRole: user.role, profile, loginId, totpNeeded: reduced },
    };
  }
}

export const userAnswer = (row: UserRow): User => ({
  ...{ address: row.address, role: row.role, status: row.status },
  ...(row.displayName === undefined ? {} : { displayName: row.displayName }),
  totp: row.authenticator !== undefined,
  createdAt: seconds(row.createdAtMs),
  ...(row.lastLoginAtMs === undefined ? {} : { lastLoginAt: seconds(row.lastLoginAtMs) }),
});

export const loginAnswer = (row: LoginRow, current: boolean) => ({
  ...{ loginId: row.loginId, profile: row.profile, current },
  ...(row.device ? { device: { ...row.device } } : {}),
  createdAt: seconds(row.createdAtMs),
  lastUsedAt: seconds(row.lastUsedAtMs),
  expiresAt: seconds(row.expiresAtMs),
});

export const tokenAnswer = (row: ApiTokenRow) => ({
  ...{ tokenId: row.tokenId, name: row.name, scope: row.scope, role: row.role },
  ...(row.sessionId === undefined ? {} : { sessionId: row.sessionId }),
  createdAt: seconds(row.createdAtMs),
  expiresAt: seconds(row.expiresAtMs),
});

export const walletAnswer = (row: WalletRow) => ({
  ...{ walletId: row.walletId, type: row.type, deviceId: row.deviceId },
  createdAt: seconds(row.createdAtMs),
  ...(row.lastUsedAtMs === undefined ? {} : { lastUsedAt: seconds(row.lastUsedAtMs) }),
});
