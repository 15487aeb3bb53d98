import { generateKeyPairSync } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { createManualClock } from '../manual-clock.ts';
import { ProblemError } from '../problem.ts';
import type { AccessKeys } from './access-keys.ts';
import { createAccessTokenSigner, createAccountVerifier, saysAccessToken } from './access-tokens.ts';

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    secretPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    x: publicKey.export({ format: 'jwk' }).x as string,
  };
};
const [ours, strangers] = [pair(), pair()];

function setUp() {
  const clock = createManualClock();
  const revoked = new Set<string>();
  const asked: string[] = [];
  const keys: Pick<AccessKeys, 'get' | 'fetch' | 'isRevoked'> = {
    get: (kid) => (kid === 'k1' ? ours.x : undefined),
    fetch: async (kid) => {
      asked.push(kid);
      return kid === 'late' ? ours.x : undefined;
    },
    isRevoked: (id) => revoked.has(id),
  };
  const iat = Math.floor(clock.nowMs() / 1000);
  const claims = (change: Record<string, unknown> = {}) => ({
    sub: 'TAddress',
    role: 'USER',
    profile: 'user',
    lid: 'login',
    jti: 'token',
    iat,
    exp: iat + 900,
    ...change,
  });
  const sign = createAccessTokenSigner({ kid: 'k1', secretPem: ours.secretPem }) as (
    claims: object,
  ) => string;
  const { verify } = createAccountVerifier({ keys: keys as AccessKeys, clock });
  const refused = async (token: string): Promise<boolean> => {
    try {
      await verify(token);
      return false;
    } catch (error) {
      return error instanceof ProblemError && error.code === 'unauthenticated';
    }
  };
  return { clock, revoked, asked, claims, sign, verify, refused, iat };
}

it('names the account, also from its cache', () => {
  const { verify, sign, claims, iat } = setUp();
  const token = sign(claims({ scope: 'proof', session: 'ab'.repeat(32) }));
  const account = {
    address: 'TAddress',
    role: 'USER',
    profile: 'user',
    loginId: 'login',
    tokenId: 'token',
    issuedAt: iat,
    expiresAt: iat + 900,
    scope: 'proof',
    sessionId: 'ab'.repeat(32),
    token,
  };
  expect(verify(token)).toEqual(account);
  expect(verify(token)).toEqual(account);
  expect(saysAccessToken(token)).toBe(true);
});

it('expires, with five seconds of tolerance, also from the cache', async () => {
  const { clock, verify, sign, claims, refused } = setUp();
  const token = sign(claims());
  verify(token);
  await clock.advance(905_000);
  expect(await refused(token)).toBe(false);
  await clock.advance(1_000);
  expect(await refused(token)).toBe(true);
});

it('is refused before its time, beyond the tolerance', async () => {
  const { sign, claims, refused, iat } = setUp();
  expect(await refused(sign(claims({ iat: iat + 5, exp: iat + 900 })))).toBe(false);
  expect(await refused(sign(claims({ iat: iat + 6, exp: iat + 900 })))).toBe(true);
});

it.each(['login', 'token'])('is refused once its %s is revoked, also from the cache', async (id) => {
  const { verify, sign, claims, revoked, refused } = setUp();
  const token = sign(claims());
  verify(token);
  revoked.add(id);
  expect(await refused(token)).toBe(true);
  expect(await refused(sign(claims({ jti: 'token', lid: 'login', iat: 1 })))).toBe(true);
});

it('waits for a key that is not known yet, and is refused where there is none', async () => {
  const { verify, claims, asked, refused } = setUp();
  const sign = (kid: string) =>
    createAccessTokenSigner({ kid, secretPem: ours.secretPem })(claims() as never);
  await expect(verify(sign('late'))).resolves.toMatchObject({ address: 'TAddress' });
  expect(await refused(sign('none'))).toBe(true);
  expect(asked).toEqual(['late', 'none']);
});

it('is refused when forged or altered', async () => {
  const { sign, claims, refused } = setUp();
  const byStranger = createAccessTokenSigner({ kid: 'k1', secretPem: strangers.secretPem });
  expect(await refused(byStranger(claims() as never))).toBe(true);
  const [header, payload, signature] = sign(claims()).split('.') as [string, string, string];
  const altered = Buffer.from(JSON.stringify({ iss: 'lucid', aud: 'lucid', ...claims({ role: 'ADMIN' }) }));
  expect(await refused(`${header}.${altered.toString('base64url')}.${signature}`)).toBe(true);
  for (const end of ['', 'A'.repeat(86), signature.slice(0, -2)])
    expect(await refused(`${header}.${payload}.${end}`)).toBe(true);
});

it('is refused with another algorithm, type or issuer', async () => {
  const { claims, refused } = setUp();
  const whole = { iss: 'lucid', aud: 'lucid', ...claims() };
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  expect(await refused(`${text({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${text(whole)}.`)).toBe(true);
  expect(await refused(`${text({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' })}.${text(whole)}.`)).toBe(true);
  const hmac = (alg: string) =>
    createSigner({ key: ours.x, algorithm: 'HS256', header: { alg, typ: 'at+jwt', kid: 'k1' } as never })(
      whole,
    );
  expect(await refused(hmac('HS256'))).toBe(true);
  expect(await refused(hmac('EdDSA'))).toBe(true);
  const bare = (header: object, payload: object = whole) =>
    createSigner({ key: ours.secretPem, algorithm: 'EdDSA', header: header as never })(payload);
  expect(await refused(bare({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' }))).toBe(false);
  expect(await refused(bare({ alg: 'EdDSA', typ: 'JWT', kid: 'k1' }))).toBe(true);
  expect(await refused(bare({ alg: 'EdDSA', typ: 'at+jwt' }))).toBe(true);
  expect(await refused(bare({ alg: 'EdDSA', typ: 'at+jwt', kid: 'x'.repeat(65) }))).toBe(true);
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' };
  for (const change of [
    { aud: 'other' },
    { iss: 'other' },
    { aud: ['lucid'] },
    { role: 'ROOT' },
    { exp: undefined },
  ])
    expect([change, await refused(bare(header, { ...whole, ...change }))]).toEqual([change, true]);
});

it.each(['', '.', '..', 'a.b.c', 'x'.repeat(3_000), 'bnVsbA.bnVsbA.x', 'eyJ9.e30.x'])(
  'is refused when it is no token: %j',
  async (text) => {
    expect(await setUp().refused(text)).toBe(true);
    expect(saysAccessToken(text)).toBe(false);
  },
);
