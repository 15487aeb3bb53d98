import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
} from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { authenticationContract } from '@lucid/contracts';
import { createAccessKeys, createAccountVerifier, silentLog } from '@lucid/service-kit';
import { createPerson, DAY, heard, problemOf, World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start({ environment: { AUTH_REGISTRATION: 'open' } });
});
afterEach(() => world.close());

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (token: string, at: number) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

test('forged and altered tokens open nothing', async () => {
  const { accessToken } = await world.register(createPerson());
  const [header = '', payload = '', signature = ''] = accessToken.split('.');
  const [jwk] = (await world.api.getJwks()).keys;
  const x = jwk?.x ?? '';
  const pem = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  const hs256 = (key: string | Buffer, head: object) => {
    const text = `${part(head)}.${payload}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const own = generateKeyPairSync('ed25519');
  const signedBy = (head: object, claims: object) => {
    const text = `${part(head)}.${part(claims)}`;
    return `${text}.${signBytes(null, Buffer.from(text), createPrivateKey(own.privateKey.export({ type: 'pkcs8', format: 'pem' }))).toString('base64url')}`;
  };
  const head = read(accessToken, 0);
  const claims = read(accessToken, 1);
  const { kid } = head;
  const forged = {
    'alg none': `${part({ ...head, alg: 'none' })}.${payload}.`,
    'alg none, signature kept': `${part({ ...head, alg: 'none' })}.${payload}.${signature}`,
    'alg None': `${part({ ...head, alg: 'None' })}.${payload}.`,
    'HS256 with the public PEM': hs256(pem.toString(), { ...head, alg: 'HS256' }),
    'HS256 with x': hs256(x, { ...head, alg: 'HS256' }),
    'HS256 with the bytes of x': hs256(Buffer.from(x, 'base64url'), { ...head, alg: 'HS256' }),
    'HS256 under the name of EdDSA': hs256(pem.toString(), head),
    'own key under our kid': signedBy(head, claims),
    'own key under another kid': signedBy({ ...head, kid: 'mine' }, claims),
    'own key in the header': signedBy({ ...head, jwk: own.publicKey.export({ format: 'jwk' }) }, claims),
    'a kid that is a path': signedBy({ ...head, kid: '../../dev/null' }, claims),
    'a kid that is a query': signedBy({ ...head, kid: "' or '1'='1" }, claims),
    'a kid that is a number': signedBy({ ...head, kid: 1 }, claims),
    'a kid of an object': signedBy({ ...head, kid: '__proto__' }, claims),
    'no kid': signedBy({ alg: 'EdDSA', typ: 'at+jwt' }, claims),
    'a huge kid': signedBy({ ...head, kid: 'k'.repeat(1_000) }, claims),
    'jku of another': signedBy({ ...head, jku: 'http://evil.example/jwks.json' }, claims),
    'another role': `${header}.${part({ ...claims, role: 'SUPER_ADMIN' })}.${signature}`,
    'a later end': `${header}.${part({ ...claims, exp: 9_999_999_999 })}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'two parts': `${header}.${payload}`,
    'a signature of zeros': `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    'another type': signedBy({ alg: 'EdDSA', typ: 'JWT', kid }, claims),
    'a huge token': `${header}.${payload}.${'A'.repeat(100_000)}`,
  };
  for (const [name, token] of Object.entries(forged))
    expect([name, await problemOf(world.as(token).getMe())]).toEqual([name, 'unauthenticated']);
  expect(await problemOf(world.as(accessToken).getMe())).toBe('none');
});

test('audience, issuer, shape and times of tokens that our own key has signed', async () => {
  const { keys, claims } = await insider();
  const now = world.clock.nowMs() / 1000;
  const good = { ...claims, iat: now, exp: now + 900 };
  const refused = {
    'another audience': { ...good, aud: 'other' },
    'a list of audiences': { ...good, aud: ['lucid', 'other'] },
    'another issuer': { ...good, iss: 'evil' },
    'a role that does not exist': { ...good, role: 'ROOT' },
    'no login': { ...good, lid: undefined },
    'expired beyond the tolerance': { ...good, iat: now - 906, exp: now - 6 },
    'not yet valid beyond the tolerance': { ...good, iat: now + 6, exp: now + 906 },
  };
  for (const [name, each] of Object.entries(refused))
    expect([name, await problemOf(world.as(keys(each)).getMe())]).toEqual([name, 'unauthenticated']);
  for (const each of [
    { ...good, iat: now - 900, exp: now - 5 },
    { ...good, iat: now + 5, exp: now + 905 },
  ])
    expect(await problemOf(world.as(keys(each)).getMe())).toBe('none');
});

/** The service's own signing key, as somebody has it who has the store and the secret. */
async function insider() {
  const { createNodeSecret } = await import('../src/domain/node-secret.ts');
  const { AUTH_SECRET } = await import('./world.ts');
  const login = await world.register(createPerson());
  const [row] = [...(world.rows.get('auth-signing-keys')?.values() ?? [])] as unknown as {
    document: { kid: string; secret: Uint8Array };
  }[];
  const { kid, secret } = row!.document;
  const pem = createNodeSecret(AUTH_SECRET, () => new Uint8Array(12)).open(`signing-key ${kid}`, secret);
  const key = createPrivateKey(pem.toString());
  const keys = (claims: object) => {
    const text = `${part({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${part(claims)}`;
    return `${text}.${signBytes(null, Buffer.from(text), key).toString('base64url')}`;
  };
  return { keys, claims: read(login.accessToken, 1) };
}

test('nothing in the store opens anything: keys, refresh tokens, codes and authenticators are not there as they are', async () => {
  const { code } = await world.api.createFirstAdmin();
  const login = await world.register(createPerson(), code);
  const { secret, recoveryCodes } = await world.enrol(login);
  const stored = JSON.stringify(
    [...world.rows].map(([name, rows]) => [name, [...rows]]),
    (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value),
  );
  expect(stored).toContain(login.account.loginId);
  const refreshSecret = Buffer.from(login.refreshToken, 'base64url').subarray(16).toString('base64url');
  for (const each of [secret, code, login.refreshToken, refreshSecret, ...recoveryCodes, 'PRIVATE KEY'])
    expect(stored.includes(each)).toBe(false);
});

test('API tokens: scopes, one session, expiry, and never more than their maker', async () => {
  const admin = await world.admin();
  const session = 'ab'.repeat(32);
  const day = 86_400;
  const make = (scope: 'proof' | 'read' | 'full', sessionId?: string) =>
    admin.api.createApiToken({
      body: { name: `for ${scope}`, scope, expiresInSeconds: day, ...(sessionId ? { sessionId } : {}) },
    });
  expect(await problemOf(make('read', session))).toBe('invalid_request');
  const [proof, bound, read_, full] = await Promise.all([
    make('proof'),
    make('proof', session),
    make('read'),
    make('full'),
  ]);
  expect(read(bound.token, 1)).toMatchObject({
    scope: 'proof',
    session,
    // An auditor learns no more of who made it than the address.
    role: 'OBSERVER',
    profile: 'user',
    jti: bound.tokenId,
  });
  expect((await admin.api.listApiTokens()).tokens).toHaveLength(4);
  expect(await problemOf(world.as(proof.token).getMe())).toBe('forbidden');
  expect(await problemOf(world.as(bound.token).getMe())).toBe('forbidden');
  expect((await world.as(read_.token).getMe()).scope).toBe('read');
  expect(await problemOf(world.as(read_.token).listUsers({ query: {} }))).toBe('none');
  for (const { token } of [read_, full]) {
    const api = world.as(token);
    const body = { name: 'x', scope: 'full', expiresInSeconds: 60 } as const;
    expect(await problemOf(api.createApiToken({ body }))).toBe('forbidden');
    expect(await problemOf(api.rotateKeys())).toBe('forbidden');
    expect(await problemOf(api.logout())).toBe('forbidden');
    expect(await problemOf(api.beginTotp())).toBe('forbidden');
  }
  await admin.api.revokeApiToken({ params: { tokenId: full.tokenId } });
  await heard(() => world.as(full.token).getMe());
  expect(await problemOf(admin.api.revokeApiToken({ params: { tokenId: full.tokenId } }))).toBe(
    'token_unknown',
  );
  const other = await world.user(admin.api);
  expect(await problemOf(other.api.revokeApiToken({ params: { tokenId: read_.tokenId } }))).toBe(
    'token_unknown',
  );
  world = await world.later(DAY + 6_000);
  expect(await problemOf(world.as(read_.token).getMe())).toBe('unauthenticated');
});

test('an observer makes no tokens; nobody more than a hundred', async () => {
  const admin = await world.admin();
  const body = { name: 'x', scope: 'read', expiresInSeconds: 60 } as const;
  const observer = await world.user(admin.api, 'OBSERVER');
  expect(await problemOf(observer.api.createApiToken({ body }))).toBe('forbidden');
  const user = await world.user(admin.api);
  for (let each = 0; each < 100; each++) await user.api.createApiToken({ body });
  expect(await problemOf(user.api.createApiToken({ body }))).toBe('limit_reached');
  await world.clock.advance(61_000);
  expect(await problemOf(user.api.createApiToken({ body }))).toBe('none');
});

test('an API token of a login that has ended is not made', async () => {
  const login = await world.register(createPerson());
  await world.as(login).logout();
  const body = { name: 'x', scope: 'full', expiresInSeconds: 3_600 } as const;
  expect(await problemOf(world.as(login).createApiToken({ body }))).toBe('unauthenticated');
});

test('keys: the next is published before it signs, nothing fails on the way, the old one goes when its tokens have', async () => {
  const admin = await world.admin();
  const long = await admin.api.createApiToken({
    body: { name: 'long', scope: 'read', expiresInSeconds: 40 * 86_400 },
  });
  const kids = async () => (await world.api.getJwks()).keys.map(({ kid }) => kid);
  const [first] = await kids();
  const { kid, signsFrom } = await admin.api.rotateKeys();
  expect(signsFrom * 1000 - world.clock.nowMs()).toBeGreaterThanOrEqual(100_000);
  expect(await kids()).toEqual([first, kid]);
  expect((await admin.api.rotateKeys()).kid).toBe(kid);
  const user = createPerson();
  expect(read((await world.register(user)).accessToken, 0).kid).toBe(first);
  await world.clock.advance(signsFrom * 1000 - world.clock.nowMs());
  expect(read((await world.login(user)).accessToken, 0).kid).toBe(kid);
  expect((await world.audit()).filter(({ event }) => event === 'key_rotated')).toHaveLength(1);
  world = await world.later(DAY);
  // The long token was signed by it.
  expect(await kids()).toEqual([first, kid]);
  expect(await problemOf(world.as(long.token).getMe())).toBe('none');
  world = await world.later(40 * DAY);
  expect(await kids()).not.toContain(first);
  // By themselves after thirty days.
  const rotations = (await world.audit()).filter(({ event }) => event === 'key_rotated');
  expect(rotations.map(({ by }) => by)).toEqual(['service', admin.person.address]);
});

test('rotation under load: of 2,000 requests over 20 rotations none fails; 1,000 unknown kids cause one fetch', async () => {
  const jwks = { asked: 0 };
  const keys = createAccessKeys({
    source: {
      jwks: () => {
        jwks.asked++;
        return world.api.getJwks();
      },
      revocations: async ({ after }) => ({ revoked: [], next: after }),
    },
    clock: world.clock,
    log: silentLog,
    // As a verifier that hears of keys only when it must.
    refetchAfterMs: 10_000,
  });
  const verifier = createAccountVerifier({ keys, clock: world.clock });
  const person = createPerson();
  await world.register(person);
  const kids = new Set<unknown>();
  for (let rotation = 0; rotation < 20; rotation++) {
    const { signsFrom } = await world.api.rotateKeys();
    await world.clock.advance(signsFrom * 1000 - world.clock.nowMs());
    const { accessToken } = await world.login(person);
    kids.add(read(accessToken, 0).kid);
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => verifier.verify(accessToken)));
    expect(outcomes.every(({ address }) => address === person.address)).toBe(true);
  }
  expect(kids.size).toBe(20);
  expect(jwks.asked).toBe(20);
  await world.clock.advance(10_001);
  const unknown = Array.from({ length: 1_000 }, (_, at) => {
    const [, payload, signature] = [part({}), part({ n: at }), 'A'.repeat(86)];
    return `${part({ alg: 'EdDSA', typ: 'at+jwt', kid: `unknown-${at}` })}.${payload}.${signature}`;
  });
  const refused = await Promise.all(
    unknown.map((token) => problemOf(Promise.resolve().then(() => verifier.verify(token)))),
  );
  expect(new Set(refused)).toEqual(new Set(['unauthenticated']));
  expect(jwks.asked).toBe(21);
});

test('another secret than the one the keys were encrypted with stops the start', async () => {
  const start = World.start({
    rows: world.rows,
    environment: { AUTH_SECRET: 'another secret of at least 32 letters' },
  });
  await expect(start).rejects.toThrow();
});

test('where the store is set back under a running instance, who waits for revocations goes on waiting', async () => {
  const self = world.stack.clientOf(authenticationContract, { as: 'authentication', retry: false });
  for (let each = 0; each < 3; each++) await world.as(await world.register(createPerson())).logout();
  const last = await world.register(createPerson());
  world.rows.get('auth-revocations')?.clear();
  await world.clock.advance(1_000);
  const waiting = self.getRevocations({ query: { after: 0, waitMs: 25_000 } });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  await world.as(last).logout();
  expect((await waiting).revoked.map(({ id }) => id)).toEqual([last.account.loginId]);
});

test('verifiers that wait for revocations keep no stack from being idle', async () => {
  const { accessToken } = await world.register(createPerson());
  expect(await problemOf(world.as(accessToken).getMe())).toBe('none');
  await world.stack.idle();
});

test('revocations are told to services, and only to those that judge tokens', async () => {
  expect(await problemOf(world.api.getRevocations({ query: {} }))).toBe('forbidden');
  const self = world.stack.clientOf(authenticationContract, { as: 'authentication', retry: false });
  const empty = await self.getRevocations({ query: {} });
  expect(empty).toEqual({ revoked: [], next: 0 });
  const waiting = self.getRevocations({ query: { after: 0, waitMs: 25_000 } });
  const login = await world.register(createPerson());
  await world.as(login).logout();
  const told = await waiting;
  expect(told).toEqual({
    revoked: [{ id: login.account.loginId, until: world.clock.nowMs() / 1000 + 900 }],
    next: 1,
  });
  // One who has heard of more than there is knew another store.
  expect(await self.getRevocations({ query: { after: 7, waitMs: 10 } })).toEqual(told);
});
