/** What a login is worth: pure, so that each rule can be read and tested by itself. */
import {
  ACCESS_TOKEN_SECONDS,
  LOGIN_RULES,
  type Profile,
  REFRESH_TOKEN_SECONDS,
  type Role,
} from '@lucid/access';
import type { LoginRow, UserRow } from '../store/rows.ts';

/** Roles that need a second factor for all that they may do. */
const NEEDS_TOTP: ReadonlySet<Role> = new Set(['ADMIN', 'SUPER_ADMIN']);

export interface Standing {
  readonly role: Role;
  readonly profile: Profile;
  /** The account's role needs an authenticator, and this login has not shown one. */
  readonly reduced: boolean;
}

/** An administrator who has not shown a second factor is a user until then: enough to set one up. */
export function standingOf(user: UserRow, login: Pick<LoginRow, 'profile' | 'secondFactor'>): Standing {
  const reduced = NEEDS_TOTP.has(user.role) && !(user.authenticator && login.secondFactor);
  return reduced
    ? { role: 'USER', profile: 'user', reduced }
    : { role: user.role, profile: login.profile, reduced };
}

/** When a login that is used now ends. */
export function loginEndMs(role: Role, createdAtMs: number, nowMs: number): number {
  const { idleSeconds, maxAgeSeconds } = LOGIN_RULES[role];
  const idleEndMs = nowMs + Math.min(idleSeconds, REFRESH_TOKEN_SECONDS) * 1000;
  return Math.min(idleEndMs, createdAtMs + maxAgeSeconds * 1000);
}

/** Seconds; a token never outlives its login. */
export function accessTimes(nowMs: number, endMs: number): { iat: number; exp: number } {
  const iat = Math.floor(nowMs / 1000);
  return { iat, exp: Math.min(iat + ACCESS_TOKEN_SECONDS, Math.floor(endMs / 1000)) };
}

/** The logins that end so that one more fits: the oldest. */
export function crowdedOut(logins: readonly LoginRow[], role: Role): readonly LoginRow[] {
  const { concurrent } = LOGIN_RULES[role];
  if (concurrent === null || logins.length < concurrent) return [];
  const oldestFirst = [...logins].sort((a, b) => a.createdAtMs - b.createdAtMs);
  return oldestFirst.slice(0, logins.length - concurrent + 1);
}
