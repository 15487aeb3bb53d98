import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPerson, heard, problemOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

test('who was invited registers, in the role of the invitation, once', async () => {
  const admin = await world.admin();
  const person = createPerson();
  const invited = await admin.api.inviteUser({ body: { address: person.address, role: 'NODE_OPERATOR' } });
  expect(invited).toMatchObject({ role: 'NODE_OPERATOR', status: 'invited', totp: false });
  expect(await problemOf(world.login(person))).toBe('login_refused');
  expect((await world.register(person)).account.role).toBe('NODE_OPERATOR');
  expect(await problemOf(world.register(person))).toBe('user_exists');
  expect(await problemOf(admin.api.inviteUser({ body: { address: person.address, role: 'USER' } }))).toBe(
    'user_exists',
  );
  const broken = person.address.slice(0, -1) + (person.address.endsWith('a') ? 'b' : 'a');
  expect(await problemOf(admin.api.inviteUser({ body: { address: broken, role: 'USER' } }))).toBe(
    'invalid_request',
  );
});

test('an ADMIN manages users, not administrators; a SUPER_ADMIN both', async () => {
  const root = await world.admin();
  const invited = await world.user(root.api, 'ADMIN');
  const totp = await world.enrol(invited.signedIn);
  const signedIn = await world.login(invited.person, { profile: 'admin', totp: await totp.next() });
  const admin = world.as(signedIn);
  const invite = (role: 'USER' | 'OBSERVER' | 'NODE_OPERATOR' | 'ADMIN' | 'SUPER_ADMIN') =>
    problemOf(admin.inviteUser({ body: { address: createPerson().address, role } }));
  expect([await invite('USER'), await invite('OBSERVER'), await invite('NODE_OPERATOR')]).toEqual(
    Array(3).fill('none'),
  );
  expect([await invite('ADMIN'), await invite('SUPER_ADMIN')]).toEqual(Array(2).fill('forbidden'));
  const params = { address: root.person.address };
  expect(await problemOf(admin.putUserStatus({ params, body: { status: 'suspended' } }))).toBe('forbidden');
  expect(await problemOf(admin.putUserRole({ params, body: { role: 'USER' } }))).toBe('forbidden');
  expect(await problemOf(admin.rotateKeys())).toBe('forbidden');
  const { person, api } = await world.user(root.api);
  for (const work of [
    () => api.listUsers({ query: {} }),
    () => api.getUser({ params }),
    () => api.listAudit({ query: {} }),
  ])
    expect(await problemOf(work())).toBe('forbidden');
  await admin.putUserStatus({ params: { address: person.address }, body: { status: 'suspended' } });
  await heard(() => api.getMe());
});

test('suspending ends logins and tokens at once; what was ended stays so after the return', async () => {
  const admin = await world.admin();
  const { person, signedIn, api } = await world.user(admin.api);
  const long = await api.createApiToken({ body: { name: 'x', scope: 'full', expiresInSeconds: 86_400 } });
  const params = { address: person.address };
  const set = (status: 'active' | 'suspended') => admin.api.putUserStatus({ params, body: { status } });
  expect((await set('suspended')).status).toBe('suspended');
  await heard(() => api.getMe());
  await heard(() => world.as(long.token).getMe());
  expect(await problemOf(world.login(person))).toBe('login_refused');
  expect(await problemOf(world.register(person))).toBe('login_refused');
  expect((await set('active')).status).toBe('active');
  expect(await problemOf(world.api.refreshLogin({ body: { refreshToken: signedIn.refreshToken } }))).toBe(
    'refresh_refused',
  );
  expect(await problemOf(world.as(long.token).getMe())).toBe('unauthenticated');
  expect(await problemOf(world.login(person))).toBe('none');
});

test('another role ends logins, and holds from the next sign-in on', async () => {
  const admin = await world.admin();
  const { person, api } = await world.user(admin.api);
  const params = { address: person.address };
  expect((await admin.api.putUserRole({ params, body: { role: 'NODE_OPERATOR' } })).role).toBe(
    'NODE_OPERATOR',
  );
  await heard(() => api.getMe());
  expect((await world.login(person, { profile: 'node' })).account.role).toBe('NODE_OPERATOR');
  expect(
    await problemOf(
      admin.api.putUserRole({ params: { address: createPerson().address }, body: { role: 'USER' } }),
    ),
  ).toBe('user_unknown');
});

test('the last SUPER_ADMIN stays; two who take each other’s role do not both succeed', async () => {
  const one = await world.admin();
  const self = { address: one.person.address };
  expect(await problemOf(one.api.putUserRole({ params: self, body: { role: 'USER' } }))).toBe('last_admin');
  expect(await problemOf(one.api.putUserStatus({ params: self, body: { status: 'suspended' } }))).toBe(
    'last_admin',
  );
  const second = await world.user(one.api, 'SUPER_ADMIN');
  const totp = await world.enrol(second.signedIn);
  const two = world.as(await world.login(second.person, { profile: 'admin', totp: await totp.next() }));
  const outcomes = await Promise.all([
    problemOf(one.api.putUserRole({ params: { address: second.person.address }, body: { role: 'USER' } })),
    problemOf(two.putUserRole({ params: self, body: { role: 'USER' } })),
  ]);
  expect(outcomes.filter((each) => each === 'none')).toHaveLength(1);
  const { users } = await world.api.listUsers({ query: { role: 'SUPER_ADMIN' } });
  expect(users).toHaveLength(1);
});

test('the one-time code: replaced by the next, once, a day long, also for who is a user', async () => {
  const first = await world.api.createFirstAdmin();
  const { code } = await world.api.createFirstAdmin();
  const [one, two] = [createPerson(), createPerson()];
  expect(await problemOf(world.register(one, first.code))).toBe('login_refused');
  const outcomes = await Promise.all([
    problemOf(world.register(one, code)),
    problemOf(world.register(two, code)),
  ]);
  expect(outcomes.sort()).toEqual(['login_refused', 'none']);
  expect(await problemOf(world.register(createPerson(), code))).toBe('login_refused');
  await world.close();
  world = await World.start();
  const late = await world.api.createFirstAdmin();
  world = await world.later(24 * 3_600_000);
  expect(await problemOf(world.register(createPerson(), late.code))).toBe('login_refused');
});

test('users are listed in pages, by role and by status', async () => {
  const admin = await world.admin();
  for (let each = 0; each < 5; each++) await world.user(admin.api);
  await admin.api.inviteUser({ body: { address: createPerson().address, role: 'OBSERVER' } });
  const all: string[] = [];
  let after: string | undefined;
  do {
    const page = await admin.api.listUsers({ query: { limit: 3, ...(after ? { after } : {}) } });
    all.push(...page.users.map(({ address }) => address));
    after = page.next;
  } while (after);
  expect(all).toEqual([...new Set(all)].sort());
  expect(all).toHaveLength(7);
  expect((await admin.api.listUsers({ query: { status: 'invited' } })).users).toHaveLength(1);
  expect((await admin.api.listUsers({ query: { role: 'USER', status: 'invited' } })).users).toHaveLength(0);
  expect((await admin.api.listUsers({ query: { role: 'USER' } })).users).toHaveLength(5);
  expect(await problemOf(admin.api.listUsers({ query: { after: 'nonsense' } }))).toBe('invalid_request');
  expect(await problemOf(admin.api.getUser({ params: { address: createPerson().address } }))).toBe(
    'user_unknown',
  );
});

test('what one says of oneself, and the own devices', async () => {
  const admin = await world.admin();
  const { person, api } = await world.user(admin.api);
  expect(await api.putOwnUser({ body: { displayName: 'Ada L.' } })).toMatchObject({ displayName: 'Ada L.' });
  expect((await api.getOwnUser()).displayName).toBe('Ada L.');
  for (const displayName of ['', 'a\nb', 'a\u202eb', 'x'.repeat(129)])
    expect(await problemOf(api.putOwnUser({ body: { displayName } }))).toBe('invalid_request');
  const device = { type: 'trezor', id: 'T-1' } as const;
  const wallet = await api.addHardwareWallet({ body: device });
  expect(await problemOf(api.addHardwareWallet({ body: device }))).toBe('wallet_exists');
  await world.login(person, { device });
  expect((await api.listHardwareWallets()).wallets).toMatchObject([
    { walletId: wallet.walletId, lastUsedAt: expect.any(Number) },
  ]);
  const params = { walletId: wallet.walletId };
  expect(await problemOf(admin.api.removeHardwareWallet({ params }))).toBe('wallet_unknown');
  await api.removeHardwareWallet({ params });
  expect(await problemOf(api.removeHardwareWallet({ params }))).toBe('wallet_unknown');
  for (let each = 0; each < 32; each++)
    await api.addHardwareWallet({ body: { type: 'ledger', id: `L-${each}` } });
  expect(await problemOf(api.addHardwareWallet({ body: device }))).toBe('limit_reached');
});
