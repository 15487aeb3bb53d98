import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LOGIN_RULES } from '@lucid/access';
import { createMemoryDocumentStore, type DocumentStore, DocumentStoreError } from '@lucid/document-store';
import { createPerson, DAY, heard, MINUTE, problemOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start({ environment: { AUTH_REGISTRATION: 'open' } });
});
afterEach(() => world.close());

const refresh = (refreshToken: string) => world.api.refreshLogin({ body: { refreshToken } });

test('a user has five logins; the sixth ends the oldest', async () => {
  const person = createPerson();
  const first = await world.register(person);
  for (let each = 0; each < 4; each++) {
    await world.clock.advance(1_000);
    await world.login(person);
  }
  await world.clock.advance(1_000);
  const sixth = await world.login(person);
  const { logins } = await world.as(sixth).listLogins();
  expect(logins).toHaveLength(LOGIN_RULES.USER.concurrent ?? 0);
  expect(logins.map(({ loginId }) => loginId)).not.toContain(first.account.loginId);
  expect(await problemOf(refresh(first.refreshToken))).toBe('refresh_refused');
  await heard(() => world.as(first).getMe());
});

test('ten at the same moment: five are left', async () => {
  const person = createPerson();
  const first = await world.register(person);
  await world.clock.advance(1_000);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => world.login(person)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(4);
  expect(await problemOf(refresh(first.refreshToken))).toBe('refresh_refused');
  const good = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const alive = await Promise.all(good.map(({ refreshToken }) => problemOf(refresh(refreshToken))));
  expect(alive.filter((each) => each === 'none')).toHaveLength(5);
});

test('an idle login ends after half an hour', async () => {
  const login = await world.register(createPerson());
  await world.clock.advance(29 * MINUTE);
  const next = await refresh(login.refreshToken);
  await world.clock.advance(30 * MINUTE);
  expect(await problemOf(refresh(next.refreshToken))).toBe('refresh_refused');
});

test('a login ends a day after its beginning, however busy it is, and its last token with it', async () => {
  let login = await world.register(createPerson());
  for (let each = 0; each < 71; each++) {
    await world.clock.advance(20 * MINUTE);
    login = await refresh(login.refreshToken);
  }
  await world.clock.advance(13 * MINUTE);
  login = await refresh(login.refreshToken);
  expect([login.expiresIn, login.refreshExpiresIn]).toEqual([7 * 60, 7 * 60]);
  await world.clock.advance(7 * MINUTE + 6_000);
  expect(await problemOf(refresh(login.refreshToken))).toBe('refresh_refused');
  expect(await problemOf(world.as(login).getMe())).toBe('unauthenticated');
});

test('a refresh token used again ends the whole login, and that is audited', async () => {
  const login = await world.register(createPerson());
  const second = await refresh(login.refreshToken);
  await world.clock.advance(10_001);
  expect(await problemOf(refresh(login.refreshToken))).toBe('refresh_refused');
  expect(await problemOf(refresh(second.refreshToken))).toBe('refresh_refused');
  await heard(() => world.as(second).getMe());
  const events = (await world.audit()).map(({ event }) => event);
  expect(events.slice(0, 2).sort()).toEqual(['login_ended', 'refresh_reused']);
});

test('a retry within ten seconds is answered with the same successor, until that was used', async () => {
  const login = await world.register(createPerson());
  const answers = await Promise.all([1, 2, 3].map(() => refresh(login.refreshToken)));
  expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
  await world.clock.advance(10_000);
  const again = await refresh(login.refreshToken);
  expect(again.refreshToken).toBe(answers[0]?.refreshToken);
  const third = await refresh(again.refreshToken);
  // The successor was used: whoever still shows the first is not the client that retries.
  expect(await problemOf(refresh(login.refreshToken))).toBe('refresh_refused');
  expect(await problemOf(refresh(third.refreshToken))).toBe('refresh_refused');
});

test('refresh tokens that nobody gave out end nothing', async () => {
  const login = await world.register(createPerson());
  const bytes = Buffer.from(login.refreshToken, 'base64url');
  const foreign = Buffer.from(bytes);
  foreign[0] = foreign[0]! ^ 1;
  const tokens = [
    'A'.repeat(43),
    'A'.repeat(64),
    foreign.toString('base64url'),
    login.refreshToken.slice(0, 63),
  ];
  for (const each of tokens) expect(await problemOf(refresh(each))).toBe('refresh_refused');
  expect(await problemOf(refresh(login.account.loginId.padEnd(64, 'A')))).toBe('refresh_refused');
  for (const each of ['short', `${login.refreshToken}=`, '*'.repeat(64)])
    expect(await problemOf(refresh(each))).toBe('invalid_request');
  expect(await problemOf(refresh(login.refreshToken))).toBe('none');
});

test('signing out twice at once, or after the login was ended elsewhere, is signing out', async () => {
  const person = createPerson();
  const here = await world.register(person);
  const both = [1, 2].map(() => problemOf(world.as(here).logout()));
  expect(await Promise.all(both)).toEqual(['none', 'none']);
  expect(await problemOf(refresh(here.refreshToken))).toBe('refresh_refused');
  const again = await world.login(person);
  world.rows.get('auth-logins')?.clear();
  expect(await problemOf(world.as(again).logout())).toBe('none');
  await heard(() => world.as(again).getMe());
  const ended = (await world.audit()).filter(({ event }) => event === 'login_ended');
  expect(ended).toMatchObject([{ by: person.address, detail: { why: 'signed out' } }]);
});

test('one ends the own logins one by one, and nobody else’s', async () => {
  const [person, other] = [createPerson(), createPerson()];
  const here = await world.register(person);
  await world.clock.advance(1);
  const there = await world.login(person);
  const foreign = await world.register(other);
  const api = world.as(here);
  const end = (loginId: string) => api.endLogin({ params: { loginId } });
  expect(await problemOf(end(foreign.account.loginId))).toBe('login_unknown');
  expect(await problemOf(end('x'.repeat(22)))).toBe('login_unknown');
  await end(there.account.loginId);
  expect((await api.listLogins()).logins.map(({ current }) => current)).toEqual([true]);
  expect(await problemOf(refresh(there.refreshToken))).toBe('refresh_refused');
  expect(await problemOf(refresh(foreign.refreshToken))).toBe('none');
});

test('challenges, logins and revocations that are over are swept; nothing is forgotten that is needed', async () => {
  const login = await world.register(createPerson());
  await world.as(login).logout();
  await world.signed(createPerson());
  const sizes = () =>
    ['auth-challenges', 'auth-logins', 'auth-revocations'].map((name) => world.rows.get(name)?.size);
  world = await world.later(2 * DAY);
  // The newest revocation stays: numbers go on from it.
  expect(sizes()).toEqual([0, 0, 1]);
});

test('the store away: sign-ins are refused as unavailable, running tokens go on, and all is well again by itself', async () => {
  let away = false;
  const failing = failingStore(
    createMemoryDocumentStore(new Map(), () => clockOf().nowMs()),
    () => away,
  );
  const clockOf = () => own.clock;
  const own = await World.start({ documents: failing, environment: { AUTH_REGISTRATION: 'open' } });
  const person = createPerson();
  const login = await own.register(person);
  expect(await problemOf(own.as(login).getMe())).toBe('none');
  const signed = await own.signed(person);
  away = true;
  expect(await problemOf(own.api.createChallenge({ body: { address: person.address } }))).toBe('unavailable');
  expect(await problemOf(own.api.login({ body: signed }))).toBe('unavailable');
  expect(await problemOf(own.api.refreshLogin({ body: { refreshToken: login.refreshToken } }))).toBe(
    'unavailable',
  );
  expect(await problemOf(own.as(login).getMe())).toBe('none');
  expect((await own.api.getJwks()).keys).toHaveLength(1);
  await own.clock.advance(10_000);
  expect((await own.stack.ready()).authentication?.dependencies.documents).toMatchObject({
    status: 'down',
  });
  away = false;
  await own.clock.advance(2_000);
  expect(await problemOf(own.login(person))).toBe('none');
  expect(await problemOf(own.api.refreshLogin({ body: { refreshToken: login.refreshToken } }))).toBe('none');
  await own.close();
});

test('no room in the store is said so, wherever something is written', async () => {
  let full = false;
  const memory = createMemoryDocumentStore(new Map(), () => own.clock.nowMs());
  const writes = new Set<PropertyKey>(['insert', 'replace', 'upsert', 'batch']);
  const documents = failingStore(memory, (name) => full && writes.has(name), 'store_full');
  const own: World = await World.start({ documents, environment: { AUTH_REGISTRATION: 'open' } });
  const person = createPerson();
  const login = await own.register(person);
  const signed = await own.signed(person);
  const api = own.as(login);
  full = true;
  const work = {
    challenge: () => own.api.createChallenge({ body: { address: person.address } }),
    login: () => own.api.login({ body: signed }),
    refresh: () => own.api.refreshLogin({ body: { refreshToken: login.refreshToken } }),
    totp: () => api.beginTotp(),
    token: () => api.createApiToken({ body: { name: 'x', scope: 'read', expiresInSeconds: 60 } }),
    wallet: () => api.addHardwareWallet({ body: { type: 'ledger', id: '1' } }),
    profile: () => api.putOwnUser({ body: { displayName: 'x' } }),
    code: () => own.api.createFirstAdmin(),
    rotation: () => own.api.rotateKeys(),
    // Last: the refresh token is worth nothing from the first try on.
    logout: () => api.logout(),
  };
  for (const [name, each] of Object.entries(work))
    expect([name, await problemOf(each())]).toEqual([name, 'store_full']);
  full = false;
  expect(await problemOf(own.login(person))).toBe('none');
  await own.close();
});

/** Uses of it fail while `fails` says so. */
function failingStore(
  store: DocumentStore,
  fails: (use: PropertyKey) => boolean,
  code: 'store_unavailable' | 'store_full' = 'store_unavailable',
): DocumentStore {
  const guarded = <T extends object>(inner: T): T =>
    new Proxy(inner, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (name === 'check' && fails(name)) return { ok: false, latencyMs: 0, why: 'away' };
          if (name !== 'close' && fails(name)) throw new DocumentStoreError(code, 'for the test');
          const result = (await value.apply(target, args)) as unknown;
          return name === 'collection' ? guarded(result as object) : result;
        };
      },
    });
  return guarded(store);
}
