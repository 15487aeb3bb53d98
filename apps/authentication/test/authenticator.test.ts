import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { base32, codeOf, stepAt, stepOfCode } from '../src/domain/totp.ts';
import { createPerson, heard, MINUTE, problemOf, totpOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start({ environment: { AUTH_REGISTRATION: 'open' } });
});
afterEach(() => world.close());

// RFC 6238 appendix B, SHA-1, the last six of eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('RFC 6238: %i s gives %s', (seconds, code) => {
  const secret = Buffer.from('12345678901234567890');
  expect(codeOf(secret, stepAt(seconds * 1000))).toBe(code);
  expect(totpOf(base32(secret), seconds * 1000)).toBe(code);
});

// RFC 4648 section 10, without padding.
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j', (plain, text) => {
  expect(base32(Buffer.from(plain))).toBe(text);
});

test('codes of one step before and after are taken, others not, and none twice', () => {
  const secret = Buffer.from('12345678901234567890');
  const nowMs = 1_700_000_010_000;
  const judge = (step: number, lastStep = -1) =>
    stepOfCode({ secret, code: codeOf(secret, stepAt(nowMs) + step), nowMs, lastStep });
  expect([-2, -1, 0, 1, 2].map((step) => judge(step) !== null)).toEqual([false, true, true, true, false]);
  expect(judge(0, stepAt(nowMs))).toBeNull();
  expect(judge(-1, stepAt(nowMs))).toBeNull();
  expect(judge(1, stepAt(nowMs))).toBe(stepAt(nowMs) + 1);
});

test('with an authenticator a sign-in needs a code that was not used; the refusal does not say so', async () => {
  const person = createPerson();
  const totp = await world.enrol(await world.register(person));
  expect(await problemOf(world.login(person))).toBe('login_refused');
  expect(await problemOf(world.login(person, { totp: totp.code() }))).toBe('login_refused');
  const code = await totp.next();
  await world.login(person, { totp: code });
  expect(await problemOf(world.login(person, { totp: code }))).toBe('login_refused');
  expect(await problemOf(world.login(person, { totp: '000000' }))).toBe('login_refused');
  const refused = (await world.audit()).filter(({ event }) => event === 'sign_in_refused');
  expect(refused.map(({ detail }) => detail?.reason)).toEqual([
    'totp-wrong',
    'totp-wrong',
    'totp-wrong',
    'totp-missing',
  ]);
});

test('one code at the same moment lets one in', async () => {
  const person = createPerson();
  const totp = await world.enrol(await world.register(person));
  const code = await totp.next();
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => problemOf(world.login(person, { totp: code }))));
  expect(outcomes.filter((each) => each === 'none')).toHaveLength(1);
});

test('a recovery code lets in once', async () => {
  const person = createPerson();
  const { recoveryCodes } = await world.enrol(await world.register(person));
  expect(new Set(recoveryCodes).size).toBe(10);
  const [code = ''] = recoveryCodes;
  await world.login(person, { totp: code });
  expect(await problemOf(world.login(person, { totp: code }))).toBe('login_refused');
  await world.login(person, { totp: recoveryCodes[1] ?? '' });
  expect((await world.audit()).filter(({ event }) => event === 'recovery_code_used')).toHaveLength(2);
});

test('setting up: confirmed by a code within ten minutes; other logins end; a login without a code stays reduced', async () => {
  const { code: invitation } = await world.api.createFirstAdmin();
  const person = createPerson();
  const first = await world.register(person, invitation);
  await world.clock.advance(1_000);
  const other = await world.login(person);
  const api = world.as(first);
  expect(await problemOf(api.confirmTotp({ body: { code: '123456' } }))).toBe('totp_state');
  await api.beginTotp();
  await world.clock.advance(10 * MINUTE);
  expect(await problemOf(api.confirmTotp({ body: { code: '123456' } }))).toBe('totp_state');
  const { secret, uri } = await api.beginTotp();
  expect(uri).toBe(
    `otpauth://totp/Lucid:${person.address}?secret=${secret}&issuer=Lucid&algorithm=SHA1&digits=6&period=30`,
  );
  const right = totpOf(secret, world.clock.nowMs());
  const wrong = right === '000000' ? '000001' : '000000';
  expect(await problemOf(api.confirmTotp({ body: { code: wrong } }))).toBe('code_refused');
  await api.confirmTotp({ body: { code: right } });
  await heard(() => world.as(other).getMe());
  expect(await problemOf(api.beginTotp())).toBe('totp_state');
  const whole = await world.api.refreshLogin({ body: { refreshToken: first.refreshToken } });
  expect(whole.account.role).toBe('SUPER_ADMIN');
});

test('removing it needs a code, ends everything, and makes an administrator a user again', async () => {
  const admin = await world.admin();
  const { api, totp, person } = admin;
  const long = await api.createApiToken({ body: { name: 'x', scope: 'read', expiresInSeconds: 86_400 } });
  expect(await problemOf(api.removeTotp({ query: { code: '000000' } }))).toBe('code_refused');
  await api.removeTotp({ query: { code: await totp.next() } });
  await heard(() => api.getMe());
  await heard(() => world.as(long.token).getMe());
  const again = await world.login(person, { profile: 'admin' });
  expect(again.account).toMatchObject({ role: 'USER', profile: 'user', totpNeeded: true });
  expect(await problemOf(world.as(again).removeTotp({ query: { code: '000000' } }))).toBe('totp_state');
});

test('guessing is counted: after five wrong codes not even the right one is judged', async () => {
  const login = await world.register(createPerson());
  const api = world.as(login);
  const { secret } = await api.beginTotp();
  const right = () => totpOf(secret, world.clock.nowMs());
  const wrong = right() === '000000' ? '000001' : '000000';
  for (let each = 0; each < 5; each++)
    expect(await problemOf(api.confirmTotp({ body: { code: wrong } }))).toBe('code_refused');
  expect(await problemOf(api.confirmTotp({ body: { code: right() } }))).toBe('too_many_requests');
});

test('an administrator strikes out the authenticator of who has lost it', async () => {
  const admin = await world.admin();
  const { person, api, signedIn } = await world.user(admin.api);
  const params = { address: person.address };
  expect(await problemOf(admin.api.resetUserTotp({ params }))).toBe('totp_state');
  expect(await problemOf(admin.api.resetUserTotp({ params: { address: createPerson().address } }))).toBe(
    'user_unknown',
  );
  await world.enrol(signedIn);
  await admin.api.resetUserTotp({ params });
  await heard(() => api.getMe());
  expect(await problemOf(world.login(person))).toBe('none');
});
