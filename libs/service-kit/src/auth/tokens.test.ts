import { createSigner } from 'fast-jwt';
import { createManualClock } from '../manual-clock.ts';
import { ProblemError } from '../problem.ts';
import { createServiceKeys, type ServiceKey } from './keys.ts';
import { createTokenSource, createTokenVerifier } from './tokens.ts';

const { keys, keyring } = createServiceKeys(['operator', 'notes']);
const keyOf = (caller: string): ServiceKey => keys.get(caller) as ServiceKey;
const strangerKey = createServiceKeys(['operator']).keys.get('operator') as ServiceKey;

const setUp = () => {
  const clock = createManualClock();
  const verify = createTokenVerifier({ audience: 'notes', keyring, clock });
  const sign = createTokenSource({ key: keyOf('operator'), clock });
  return { clock, verify, sign, token: sign({ audience: 'notes', operation: 'read' }) };
};

const refused = (work: () => unknown): boolean => {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof ProblemError && error.code === 'unauthenticated';
  }
};

const claims = (clock: { nowMs(): number }, change: Record<string, unknown> = {}) => {
  const iat = Math.floor(clock.nowMs() / 1000);
  return { iss: 'operator', aud: 'notes', op: 'read', iat, exp: iat + 60, ...change };
};

it('names the caller', () => {
  const { verify, token } = setUp();
  expect(verify(token, 'read')).toBe('operator');
  expect(verify(token, 'read')).toBe('operator');
});

it('is refused for another operation or service, also when it is cached', () => {
  const { clock, verify, sign, token } = setUp();
  verify(token, 'read');
  expect(refused(() => verify(token, 'write'))).toBe(true);
  expect(refused(() => verify(sign({ audience: 'echo', operation: 'read' }), 'read'))).toBe(true);
  const other = createTokenVerifier({ audience: 'echo', keyring, clock });
  expect(refused(() => other(token, 'read'))).toBe(true);
});

it('expires after a minute and five seconds of tolerance, also when it is cached', async () => {
  const { clock, verify, token } = setUp();
  await clock.advance(65_000);
  expect(verify(token, 'read')).toBe('operator');
  await clock.advance(1_000);
  expect(refused(() => verify(token, 'read'))).toBe(true);
});

it('is refused before its time, beyond the tolerance', async () => {
  const { clock, verify, sign } = setUp();
  await clock.advance(30_000);
  const early = createManualClock();
  const lateVerify = createTokenVerifier({ audience: 'notes', keyring, clock: early });
  const token = sign({ audience: 'notes', operation: 'later' });
  expect(verify(token, 'later')).toBe('operator');
  expect(refused(() => lateVerify(token, 'later'))).toBe(true);
});

it('is refused when forged', () => {
  const { clock, verify, token } = setUp();
  const forge = (key: ServiceKey, payload: object) =>
    createSigner({ key: key.secretPem, algorithm: 'EdDSA' })(payload);
  expect(verify(forge(keyOf('operator'), claims(clock)), 'read')).toBe('operator');
  expect(refused(() => verify(forge(strangerKey, claims(clock)), 'read'))).toBe(true);
  expect(refused(() => verify(forge(keyOf('notes'), claims(clock)), 'read'))).toBe(true);
  expect(refused(() => verify(forge(keyOf('operator'), claims(clock, { iss: 'ghost' })), 'read'))).toBe(true);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const altered = Buffer.from(JSON.stringify(claims(clock, { op: 'write' }))).toString('base64url');
  expect(refused(() => verify(`${header}.${altered}.${signature}`, 'write'))).toBe(true);
  expect(refused(() => verify(`${header}.${payload}.`, 'read'))).toBe(true);
});

it('is refused with another algorithm than EdDSA', () => {
  const { clock, verify } = setUp();
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const payload = Buffer.from(JSON.stringify(claims(clock))).toString('base64url');
  expect(refused(() => verify(`${none}.${payload}.`, 'read'))).toBe(true);
  const hmac = createSigner({
    key: keyring.get('operator')?.replaceAll(/-----.*-----/g, ''),
    algorithm: 'HS256',
  })(claims(clock));
  expect(refused(() => verify(hmac, 'read'))).toBe(true);
});

it('is refused when it lives too long or lacks a claim', () => {
  const { clock, verify } = setUp();
  const sign = createSigner({ key: keyOf('operator').secretPem, algorithm: 'EdDSA', noTimestamp: true });
  const { iat } = claims(clock);
  for (const change of [
    { exp: iat + 61 },
    { exp: undefined },
    { iat: undefined },
    { op: undefined },
    { aud: ['notes'] },
    { exp: iat },
  ])
    expect([change, refused(() => verify(sign(claims(clock, change)), 'read'))]).toEqual([change, true]);
});

it.each(['', '.', 'a.b.c', '..', 'x'.repeat(3_000), 'eyJ9.bnVsbA.x'])(
  'is refused when it is no token: %j',
  (text) => {
    expect(refused(() => setUp().verify(text, 'read'))).toBe(true);
  },
);

it('is signed once and anew before its end', async () => {
  const { clock, sign, token } = setUp();
  const target = { audience: 'notes', operation: 'read' };
  await clock.advance(39_000);
  expect(sign(target)).toBe(token);
  await clock.advance(2_000);
  expect(sign(target)).not.toBe(token);
});
