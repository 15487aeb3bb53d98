import { ROLES, type Role, TOKEN_SCOPES, type TokenScope } from './permissions.ts';
import { PROFILES, type Profile } from './profiles.ts';

/** Whoever presented a valid access token. */
export interface Account {
  /** TRON address, base58check. */
  readonly address: string;
  readonly role: Role;
  /** The client that the login was made for; it bounds what can be reached, not what is permitted. */
  readonly profile: Profile;
  /** Of the login, or of the API token: what a revocation names. */
  readonly loginId: string;
  /** Of this one token. */
  readonly tokenId: string;
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Present for API tokens. */
  readonly scope?: TokenScope;
  /** The only session that the token is for. */
  readonly sessionId?: string;
}

/** Claims of an access token (RFC 9068, with ours): `sub` is the address, `lid` the login. */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly role: Role;
  readonly profile: Profile;
  readonly lid: string;
  readonly jti: string;
  /** Seconds since the Unix epoch. */
  readonly iat: number;
  readonly exp: number;
  readonly scope?: TokenScope;
  readonly session?: string;
}

export const ACCESS_TOKEN_ISSUER = 'lucid';
export const ACCESS_TOKEN_AUDIENCE = 'lucid';
/** RFC 9068 section 2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= most;
const oneOf = <T extends string>(values: readonly T[], value: unknown): value is T =>
  (values as readonly unknown[]).includes(value);

/** The account of claims whose signature was verified; null where one is missing or of another shape. Times are not judged. */
export function accountOfClaims(claims: unknown): Account | null {
  if (typeof claims !== 'object' || claims === null) return null;
  const { iss, aud, sub, role, profile, lid, jti, iat, exp, scope, session } = claims as Record<
    string,
    unknown
  >;
  if (iss !== ACCESS_TOKEN_ISSUER || aud !== ACCESS_TOKEN_AUDIENCE) return null;
  if (!isText(sub, 64) || !isText(lid, 64) || !isText(jti, 64)) return null;
  if (!oneOf(ROLES, role) || !oneOf(PROFILES, profile)) return null;
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) return null;
  if (scope !== undefined && !oneOf(TOKEN_SCOPES, scope)) return null;
  if (session !== undefined && !(isText(session, 64) && /^[0-9a-f]{64}$/.test(session))) return null;
  return {
    address: sub,
    role,
    profile,
    loginId: lid,
    tokenId: jti,
    issuedAt: iat as number,
    expiresAt: exp as number,
    ...(scope === undefined ? {} : { scope }),
    ...(session === undefined ? {} : { sessionId: session }),
  };
}
