export {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  type Account,
  accountOfClaims,
} from './account.ts';
export {
  ACCESS_TOKEN_SECONDS,
  API_TOKEN_MAX_SECONDS,
  CLOCK_TOLERANCE_SECONDS,
  LOGIN_RULES,
  type LoginRule,
  REFRESH_TOKEN_SECONDS,
} from './login-rules.ts';
export {
  type Grantee,
  PERMISSION_MATRIX,
  PERMISSIONS,
  type Permission,
  permits,
  ROLES,
  type Role,
  SCOPE_PERMISSIONS,
  TOKEN_SCOPES,
  type TokenScope,
} from './permissions.ts';
export { PROFILE_OCTETS, PROFILE_ROLES, PROFILES, type Profile, reaches, reachesAll } from './profiles.ts';
