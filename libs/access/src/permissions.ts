/** What may be allowed, and to which role: the permission matrix, as data. */

/** Ascending in power; `OBSERVER` may only look at what it was invited to. */
export const ROLES = ['OBSERVER', 'USER', 'NODE_OPERATOR', 'ADMIN', 'SUPER_ADMIN'] as const;
export type Role = (typeof ROLES)[number];

const observer = ['view_own_sessions', 'view_own_profile', 'end_own_logins', 'read_api_docs'] as const;
const user = [
  'create_session',
  'control_own_sessions',
  'delete_own_sessions',
  'sign_consent',
  'manage_own_policies',
  'manage_own_profile',
  'connect_hardware_wallet',
  'manage_own_tokens',
] as const;
const nodeOperator = [
  'register_node',
  'manage_own_nodes',
  'view_own_nodes',
  'submit_poot_votes',
  'view_own_payouts',
  'request_payout',
  'view_pool_info',
] as const;
const admin = [
  'view_all_users',
  'manage_users',
  'view_all_sessions',
  'delete_any_session',
  'view_all_nodes',
  'manage_pools',
  'view_blockchain_info',
  'view_system_metrics',
  'view_admin_dashboard',
  'view_audit_logs',
  'manage_trust_policies',
  'orchestrate_services',
] as const;
const superAdmin = [
  'assign_roles',
  'manage_payouts',
  'emergency_lockdown',
  'rotate_keys',
  'switch_ledger_mode',
] as const;

export const PERMISSIONS = [...observer, ...user, ...nodeOperator, ...admin, ...superAdmin] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Each role has what stands in its row, and nothing by inheritance: a cell is read, not worked out. */
export const PERMISSION_MATRIX: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  OBSERVER: new Set(observer),
  USER: new Set([...observer, ...user]),
  NODE_OPERATOR: new Set([...observer, ...user, ...nodeOperator]),
  ADMIN: new Set([...observer, ...user, ...nodeOperator, ...admin]),
  SUPER_ADMIN: new Set(PERMISSIONS),
};

/**
 * What an API token leaves of its role's permissions. `proof` is for auditors: to look at sessions and their evidence,
 * mostly at a single one that the token names. No scope may make tokens, sign, or change a profile.
 */
export const TOKEN_SCOPES = ['proof', 'read', 'full'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

const reading: readonly Permission[] = PERMISSIONS.filter(
  (each) => each.startsWith('view_') || each === 'read_api_docs',
);
const bySignInOnly: ReadonlySet<Permission> = new Set([
  'manage_own_tokens',
  'manage_own_profile',
  'connect_hardware_wallet',
  'end_own_logins',
  'sign_consent',
  'assign_roles',
  'emergency_lockdown',
  'rotate_keys',
]);

export const SCOPE_PERMISSIONS: Readonly<Record<TokenScope, ReadonlySet<Permission>>> = {
  proof: new Set<Permission>(['view_own_sessions']),
  read: new Set(reading),
  full: new Set(PERMISSIONS.filter((each) => !bySignInOnly.has(each))),
};

/** Who acts, as far as permissions go. */
export interface Grantee {
  readonly role: Role;
  /** Of an API token; absent for a login. */
  readonly scope?: TokenScope | undefined;
}

/** Whether role and scope both allow it. */
export const permits = ({ role, scope }: Grantee, permission: Permission): boolean =>
  PERMISSION_MATRIX[role].has(permission) &&
  (scope === undefined || SCOPE_PERMISSIONS[scope].has(permission));
