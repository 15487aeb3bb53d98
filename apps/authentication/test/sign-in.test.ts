import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPerson, heard, MINUTE, problemOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

test('from nothing: the first administrator registers with the one-time code and sets up an authenticator', async () => {
  const person = createPerson();
  expect(await problemOf(world.register(person))).toBe('login_refused');
  const { code, expiresAt } = await world.api.createFirstAdmin();
  expect(expiresAt).toBe(world.clock.nowMs() / 1000 + 86_400);
  expect(await problemOf(world.register(person, 'another code'))).toBe('login_refused');
  const first = await world.register(person, code);
  expect(first.account).toEqual({
    address: person.address,
    role: 'USER',
    accountRole: 'SUPER_ADMIN',
    profile: 'user',
    loginId: first.account.loginId,
    totpNeeded: true,
  });
  // What the reduced token permits is what a user may.
  expect(
    await problemOf(world.as(first).inviteUser({ body: { address: person.address, role: 'USER' } })),
  ).toBe('forbidden');
  await world.enrol(first);
  const whole = await world.api.refreshLogin({ body: { refreshToken: first.refreshToken } });
  expect(whole.account).toMatchObject({ role: 'SUPER_ADMIN', totpNeeded: false });
  expect((await world.as(whole).getMe()).permissions).toContain('assign_roles');
  expect(await problemOf(world.api.createFirstAdmin())).toBe('admin_exists');
});

test('login, who am I, refresh, logout; the access token is worth nothing then', async () => {
  const { api } = await world.admin();
  const { person } = await world.user(api);
  const login = await world.login(person, { device: { type: 'ledger', id: 'nano-1' } });
  expect(login).toMatchObject({ tokenType: 'Bearer', expiresIn: 900, refreshExpiresIn: 1800 });
  const me = await world.as(login).getMe();
  expect(me).toMatchObject({ address: person.address, role: 'USER', profile: 'user' });
  expect(me.expiresAt - me.issuedAt).toBe(900);
  const { logins } = await world.as(login).listLogins();
  const own = logins.filter(({ current }) => current);
  expect(own).toMatchObject([{ loginId: login.account.loginId, device: { type: 'ledger', id: 'nano-1' } }]);
  expect(logins).toHaveLength(2);
  await world.clock.advance(10 * MINUTE);
  const next = await world.api.refreshLogin({ body: { refreshToken: login.refreshToken } });
  expect(next.refreshToken).not.toBe(login.refreshToken);
  expect(next.account.loginId).toBe(login.account.loginId);
  await world.as(next).logout();
  expect(await problemOf(world.api.refreshLogin({ body: { refreshToken: next.refreshToken } }))).toBe(
    'refresh_refused',
  );
  await heard(() => world.as(next).getMe());
});

test('keys are public, and every token is signed by one of them', async () => {
  const { signedIn } = await world.admin();
  const { keys } = await world.api.getJwks();
  expect(keys).toHaveLength(1);
  const header = JSON.parse(Buffer.from(signedIn.accessToken.split('.')[0] ?? '', 'base64url').toString());
  expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0]?.kid });
});
