import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hexToBytes } from '@lucid/bytes';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import { isProblem } from '@lucid/service-kit';
import { secretKeyToAddress } from '@lucid/tron-message';
import { Trx } from 'tronweb';
import { hostileSignatures } from './hostile-signatures.ts';
import { hostileTexts } from './hostile-texts.ts';
import { createPerson, problemOf, World } from './world.ts';

const attacks = [...hostileTexts, ...hostileSignatures];

let world: World;
beforeAll(async () => {
  world = await World.start({ environment: { AUTH_REGISTRATION: 'open' } });
});
afterAll(() => world.close());

/** What is answered, without the id of the request. */
async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    if (isProblem(error)) return { code: error.code, detail: error.detail, extensions: error.extensions };
    throw error;
  }
  return 'signed in';
}

const nothingSaid = { code: 'login_refused', detail: undefined, extensions: {} };

test('there are 200 attacks of different names', () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThanOrEqual(200);
});

test.each(attacks)('refused: $name', async ({ reason, make }) => {
  const victim = createPerson();
  const attacker = createPerson();
  await world.register(victim);
  const scene = { world, victim, attacker, ...(await world.signed(victim)) };
  const body = await make(scene);
  const linesBefore = world.stack.logLines.length;
  expect(await refusalOf(world.api.login({ body }))).toEqual(nothingSaid);
  const [newest] = await world.audit();
  expect(newest).toMatchObject({ event: 'sign_in_refused', detail: { reason } });
  const lines = world.stack.logLines.slice(linesBefore);
  expect(lines.filter((line) => line.reason !== undefined).map((line) => line.reason)).toEqual([reason]);
});

test('input that no sign-in has is refused by its form', async () => {
  const signature = `0x${'11'.repeat(65)}`;
  for (const body of [
    { message: 'x'.repeat(8_193), signature },
    { message: 'x'.repeat(1_000_000), signature },
    { message: 'x', signature: 'y'.repeat(1_025) },
    { message: '', signature },
    { message: 'x' },
    { message: ['x'], signature },
    { message: 'x', signature, admin: true },
    { message: 'x', signature, totp: '12345' },
    { message: 'x', signature, device: { type: 'phone', id: '1' } },
  ])
    expect(await problemOf(world.api.login({ body: body as never }))).toBe('invalid_request');
  for (const address of [
    'T'.repeat(34),
    'TBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsr',
    'ТBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsq',
    '',
  ])
    expect(await problemOf(world.api.createChallenge({ body: { address } }))).toBe('invalid_request');
  const { address } = createPerson();
  expect(await problemOf(world.api.createChallenge({ body: { address, uri: 'http://evil.example' } }))).toBe(
    'origin_unknown',
  );
});

test('an address that is unknown, suspended or not of the profile is refused with the same words', async () => {
  const stranger = createPerson();
  expect(await refusalOf(world.login(stranger))).toEqual(nothingSaid);
  const user = createPerson();
  await world.register(user);
  expect(await refusalOf(world.login(user, { profile: 'admin' }))).toEqual(nothingSaid);
  expect(await refusalOf(world.login(user, { profile: 'node' }))).toEqual(nothingSaid);
  const refusals = (await world.audit()).filter(({ event }) => event === 'sign_in_refused');
  const reasons = refusals.slice(0, 3).map(({ detail }) => detail?.reason);
  expect(reasons).toEqual(['profile-not-allowed', 'profile-not-allowed', 'not-registered']);
});

test('five failures of who can sign lock the address for 15 minutes, a good sign-in in between forgets them, others go on', async () => {
  const [victim, other] = [createPerson(), createPerson()];
  const totp = await world.enrol(await world.register(victim));
  await world.register(other);
  const fail = () => refusalOf(world.login(victim, { totp: '000000' }));
  for (let each = 0; each < 4; each++) await fail();
  await world.login(victim, { totp: await totp.next() });
  for (let each = 0; each < 5; each++) expect(await fail()).toEqual(nothingSaid);
  expect(await refusalOf(world.login(victim, { totp: await totp.next() }))).toEqual(nothingSaid);
  expect((await world.audit())[0]).toMatchObject({ about: victim.address, detail: { reason: 'locked-out' } });
  await world.login(other);
  await world.clock.advance(15 * 60_000);
  await world.login(victim, { totp: await totp.next() });
});

test('tries at the same moment are counted before any of their codes is judged', async () => {
  const victim = createPerson();
  const totp = await world.enrol(await world.register(victim));
  const code = await totp.next();
  const wrong = Array.from({ length: 8 }, () => world.login(victim, { totp: '000000' }));
  await Promise.all(wrong.map(refusalOf));
  const reasons = (await world.audit()).slice(0, 8).map(({ detail }) => detail?.reason);
  expect(reasons.filter((each) => each === 'totp-wrong')).toHaveLength(5);
  expect(reasons.filter((each) => each === 'locked-out')).toHaveLength(3);
  expect(await refusalOf(world.login(victim, { totp: code }))).toEqual(nothingSaid);
});

test('who cannot sign for an address does not close it to its owner, and is not taken for its owner in the audit log', async () => {
  const [victim, attacker] = [createPerson(), createPerson()];
  await world.register(victim);
  for (let each = 0; each < 12; each++) {
    const { message } = await world.signed(victim);
    const body = { message, signature: attacker.sign(message) };
    expect(await refusalOf(world.api.login({ body }))).toEqual(nothingSaid);
  }
  expect((await world.audit())[0]).toMatchObject({
    ...{ event: 'sign_in_refused', by: 'unknown', about: victim.address },
    detail: { reason: 'wrong-signer' },
  });
  expect(await refusalOf(world.login(victim))).toBe('signed in');
});

test('where failures cannot be counted nobody gets in, and the answer says that it may be tried again', async () => {
  const limits = createMemoryRateLimits({ nowMs: Date.now });
  const away = await World.start({ limits, environment: { AUTH_REGISTRATION: 'open' } });
  const person = createPerson();
  await away.register(person);
  await limits.close();
  expect(await problemOf(away.login(person))).toBe('unavailable');
  const { dependencies } = (await away.stack.ready()).authentication ?? { dependencies: {} };
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['documents', 'limits', 'ledger']));
  await away.close();
});

test('what tronweb signs is taken', async () => {
  const key = '22'.repeat(32);
  const address = secretKeyToAddress(hexToBytes(key));
  const { message } = await world.api.createChallenge({ body: { address } });
  const signature = Trx.signMessageV2(message, key);
  const { account } = await world.api.register({ body: { message, signature } });
  expect(account.address).toBe(address);
});

const fixtures = join(__dirname, '../../../../shared/tron-fixtures/signmessage.json');
const recorded = (() => {
  try {
    return JSON.parse(readFileSync(fixtures, 'utf8')) as {
      name: string;
      message: string;
      privateKey: string;
      address: string;
      signature: string;
    }[];
  } catch (error) {
    if (process.env.CI) throw error;
    console.warn('skipped: recorded signatures, because ../shared/tron-fixtures is not here');
    return [];
  }
})();
const each =
  recorded.length > 0
    ? test.each(recorded.map((row, at) => [at, row] as const))
    : test.skip.each([[0, null as never]]);

each('recorded signature %s: its key signs in, the recorded text and signature do not', async (_at, row) => {
  expect(
    await refusalOf(world.api.login({ body: { message: row.message || ' ', signature: row.signature } })),
  ).toEqual(nothingSaid);
  if (!row.privateKey) return;
  const address = secretKeyToAddress(hexToBytes(row.privateKey));
  const { message } = await world.api.createChallenge({ body: { address } });
  expect(await refusalOf(world.api.login({ body: { message, signature: row.signature } }))).toEqual(
    nothingSaid,
  );
  expect((await world.audit())[0]?.detail?.reason).toBe('wrong-signer');
});
