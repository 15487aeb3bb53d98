import {
  accountOfClaims,
  PERMISSION_MATRIX,
  PERMISSIONS,
  type Permission,
  PROFILE_ROLES,
  permits,
  ROLES,
  type Role,
  reaches,
  reachesAll,
  SCOPE_PERMISSIONS,
} from './index.ts';

/** Rows of the matrix, written down a second time: a cell changed by mistake fails here. */
const rows: Readonly<Record<string, readonly Role[]>> = {
  'view_own_sessions view_own_profile end_own_logins read_api_docs': [...ROLES],
  'create_session control_own_sessions delete_own_sessions sign_consent manage_own_policies manage_own_profile connect_hardware_wallet manage_own_tokens':
    ['USER', 'NODE_OPERATOR', 'ADMIN', 'SUPER_ADMIN'],
  'register_node manage_own_nodes view_own_nodes submit_poot_votes view_own_payouts request_payout view_pool_info':
    ['NODE_OPERATOR', 'ADMIN', 'SUPER_ADMIN'],
  'view_all_users manage_users view_all_sessions delete_any_session view_all_nodes manage_pools view_blockchain_info view_system_metrics view_admin_dashboard view_audit_logs manage_trust_policies orchestrate_services':
    ['ADMIN', 'SUPER_ADMIN'],
  'assign_roles manage_payouts emergency_lockdown rotate_keys switch_ledger_mode': ['SUPER_ADMIN'],
};

const cells = Object.entries(rows).flatMap(([names, allowed]) =>
  names
    .split(' ')
    .flatMap((permission) =>
      ROLES.map((role) => [permission as Permission, role, allowed.includes(role)] as const),
    ),
);

test('the matrix names every permission once', () => {
  expect(
    Object.keys(rows)
      .flatMap((names) => names.split(' '))
      .sort(),
  ).toEqual([...PERMISSIONS].sort());
});

test.each(cells)('%s of %s: %s', (permission, role, allowed) => {
  expect(permits({ role }, permission)).toBe(allowed);
});

test('a scope never adds to a role', () => {
  for (const role of ROLES)
    for (const scope of ['proof', 'read', 'full'] as const)
      for (const permission of PERMISSIONS)
        expect(permits({ role, scope }, permission)).toBe(
          PERMISSION_MATRIX[role].has(permission) && SCOPE_PERMISSIONS[scope].has(permission),
        );
  expect([...SCOPE_PERMISSIONS.proof]).toEqual(['view_own_sessions']);
  expect([...SCOPE_PERMISSIONS.read].every((each) => /^view_|^read_/.test(each))).toBe(true);
  for (const each of ['manage_own_tokens', 'sign_consent', 'assign_roles', 'rotate_keys'] as const)
    expect(permits({ role: 'SUPER_ADMIN', scope: 'full' }, each)).toBe(false);
});

test('reach: the profiles of the GUIs', () => {
  const closedToUser = [
    'admin-ui',
    'node-management',
    'tron-node-client',
    'rdp-server-manager',
    'session-orchestrator',
  ];
  for (const each of closedToUser) expect([each, reaches('user', each)]).toEqual([each, false]);
  const closedToNode = [
    'admin-ui',
    'session-api',
    'tron-node-client',
    'rdp-server-manager',
    'session-orchestrator',
  ];
  for (const each of closedToNode) expect([each, reaches('node', each)]).toEqual([each, false]);
  expect(reaches('admin', 'anything')).toBe(true);
  expect(reachesAll(['admin', 'user'], 'node-management')).toBe(false);
  expect(reachesAll(['node', 'user'], 'session-api')).toBe(false);
  expect(PROFILE_ROLES.admin.has('NODE_OPERATOR')).toBe(false);
});

const claims = {
  iss: 'lucid',
  aud: 'lucid',
  sub: 'T1',
  role: 'USER',
  profile: 'user',
  lid: 'l',
  jti: 'j',
  iat: 1,
  exp: 2,
};

test('claims of every field are judged', () => {
  expect(accountOfClaims(claims)).toEqual({
    address: 'T1',
    role: 'USER',
    profile: 'user',
    loginId: 'l',
    tokenId: 'j',
    issuedAt: 1,
    expiresAt: 2,
  });
  const session = 'ab'.repeat(32);
  expect(accountOfClaims({ ...claims, scope: 'proof', session })).toMatchObject({
    scope: 'proof',
    sessionId: session,
  });
  const wrong: Record<string, unknown[]> = {
    iss: ['other', undefined],
    aud: ['other', ['lucid']],
    sub: ['', 1, 'x'.repeat(65)],
    role: ['ROOT', 'user', null],
    profile: ['root', undefined],
    lid: ['', undefined],
    jti: [undefined, {}],
    iat: ['1', 1.5],
    exp: [undefined, Number.NaN],
    scope: ['all', null],
    session: ['x', '', 'AB'.repeat(32)],
  };
  for (const [name, values] of Object.entries(wrong))
    for (const value of values)
      expect([name, value, accountOfClaims({ ...claims, [name]: value })]).toEqual([name, value, null]);
  for (const each of [null, 1, 'x', undefined]) expect(accountOfClaims(each)).toBeNull();
});
