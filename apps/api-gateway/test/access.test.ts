/** Limits with two gateways and one real Redis, what happens without it, and who reaches what. */
import { PROFILES, reaches } from '@lucid/access';
import { createMemoryRateLimits, PROFILE_LIMITS, RateLimitError, type RateLimits } from '@lucid/rate-limit';
import { silentLog } from '@lucid/service-kit';
import { createManualClock, createTestAccounts } from '@lucid/service-kit/testing';
import { startRedis, whyNoRedis } from '../../../tools/test-servers.mjs';
import { degradeFrom } from '../src/access/limits.ts';
import { echo, type Gateway, startGateway, startUpstream, type Upstream } from './gateway-under-test.ts';

let upstream: Upstream;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  upstream = await startUpstream(echo);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => upstream.close());

const SERVICES = [
  'authentication',
  'session-api',
  'api-server',
  'openapi-gateway',
  'node-management',
  'admin-ui',
  'payment-gateway',
  'rdp-server-manager',
];

async function gatewayWith(options: Partial<Parameters<typeof startGateway>[0]> = {}): Promise<Gateway> {
  const targets = Object.fromEntries(SERVICES.map((service) => [service, upstream.target]));
  const gateway = await startGateway({ targets, ...options });
  stops.push(gateway.close);
  return gateway;
}

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
const asking = (path: string, token: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;

test('each profile reaches what it may, by its token and by the address it comes from', async () => {
  const gateway = await gatewayWith({
    routes: SERVICES.map((service) => ({ prefix: `/${service}`, service })),
    environment: { GATEWAY_PROFILE_ADDRESSES: '127.0.0.100=admin,127.0.0.101=user,127.0.0.102=node' },
  });
  const froms = { admin: '127.0.0.100', user: '127.0.0.101', node: '127.0.0.102' };
  for (const token of PROFILES) {
    const text = gateway.accounts.token({
      sub: `T${token}`,
      profile: token,
      role: 'SUPER_ADMIN',
      lid: token,
    });
    for (const from of [...PROFILES, undefined]) {
      for (const service of SERVICES) {
        const localAddress = from === undefined ? undefined : froms[from];
        const answer = await gateway.raw(asking(`/${service}/x`, text), localAddress ? { localAddress } : {});
        const may = reaches(token, service) && (from === undefined || reaches(from, service));
        expect([token, from, service, statusOf(answer)]).toEqual([token, from, service, may ? 200 : 403]);
      }
    }
  }
});

test.each([
  '/metrics',
  '/ready',
  '/api/v1/unknown',
  '/api/v1',
  '/',
  '/api/v1/sessionsx',
  '/api/v1/auth',
  '/docs',
  '/openapi.json',
  '/api/v1/auth/revocations',
])('without a token %s is not open', async (path) => {
  const gateway = await gatewayWith();
  expect((await gateway.fetch(path, { token: null })).status).toBe(401);
});

test("the gateway's own metrics are for who may see them; services' never", async () => {
  const gateway = await gatewayWith();
  const admin = gateway.accounts.token({ profile: 'admin', role: 'ADMIN', sub: 'TAdmin' });
  expect((await gateway.fetch('/metrics')).status).toBe(403);
  const metrics = await gateway.fetch('/metrics', { token: admin });
  expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('api-gateway')]);
  expect((await gateway.fetch('/health', { token: null })).status).toBe(200);
  expect((await gateway.fetch('/api/v1/unknown', { token: admin })).status).toBe(404);
});

test('a user has a single session: a second login waits until the first is gone or ends', async () => {
  const gateway = await gatewayWith();
  const [first, second] = ['a', 'b'].map((lid) => gateway.accounts.token({ sub: 'TOne', lid })) as [
    string,
    string,
  ];
  const ask = async (token: string) => (await gateway.fetch('/api/v1/sessions', { token })).status;
  expect([await ask(first), await ask(second), await ask(first)]).toEqual([200, 429, 200]);
  await gateway.fetch('/api/v1/auth/logout', { method: 'POST', token: first });
  expect([await ask(second), await ask(first)]).toEqual([200, 429]);
});

/** Away and back as the test says. */
function switched(limits: RateLimits) {
  const state = { away: false };
  const guard = <R>(work: () => Promise<R>): Promise<R> =>
    state.away ? Promise.reject(new RateLimitError('limits_unavailable', 'away')) : work();
  const shared: RateLimits = {
    take: (rule, key) => guard(() => limits.take(rule, key)),
    reset: (rule, key) => guard(() => limits.reset(rule, key)),
    hold: (rule, key, id) => guard(() => limits.hold(rule, key, id)),
    release: (rule, key, id) => guard(() => limits.release(rule, key, id)),
    check: () => (state.away ? Promise.resolve({ ok: false, latencyMs: 0, why: 'away' }) : limits.check()),
    close: () => limits.close(),
  };
  return { state, shared };
}

test('shared limits away: sign-ins fail closed, others are counted here, readiness says so; all comes back', async () => {
  const nowMs = () => Date.now();
  const { state, shared } = switched(createMemoryRateLimits({ nowMs }));
  const gateway = await gatewayWith({
    adapters: { limits: degradeFrom(shared, createMemoryRateLimits({ nowMs }), silentLog) },
  });
  const login = () => gateway.fetch('/api/v1/auth/login', { method: 'POST', token: null });
  const ready = async () => (await gateway.stack.ready())['api-gateway']?.dependencies.limits?.status;
  expect([(await login()).status, await ready()]).toEqual([200, 'up']);
  state.away = true;
  const refused = await login();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await gateway.fetch('/api/v1/sessions')).status).toBe(200);
  expect(await ready()).toBe('down');
  state.away = false;
  while ((await ready()) !== 'up') await new Promise((resolve) => setImmediate(resolve));
  expect((await login()).status).toBe(200);
});

test('ten sign-ins a minute from one address, then none for five minutes', async () => {
  const clock = createManualClock();
  const gateway = await gatewayWith({ clock });
  const login = () => gateway.fetch('/api/v1/auth/login', { method: 'POST', token: null });
  for (let each = 0; each < 10; each++) expect((await login()).status).toBe(200);
  const refused = await login();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '300']);
  await clock.advance(299_000);
  expect((await login()).status).toBe(429);
  await clock.advance(2_000);
  expect((await login()).status).toBe(200);
});

const why = whyNoRedis();
if (why && process.env.CI) throw new Error(`Redis is needed here: ${why}`);
const withRedis = why ? describe.skip : describe;
withRedis(`two gateways, one Redis${why ? ` (skipped: ${why})` : ''}`, () => {
  test.each(
    PROFILES.flatMap((profile) =>
      ['at once', 'in turns', 'one gateway after the other'].map((pattern) => [profile, pattern] as const),
    ),
  )('exactly the limit of %s passes, %s', async (profile, pattern) => {
    const redis = await startRedis();
    const accounts = createTestAccounts();
    const environment = { LUCID_REDIS_URL: redis.url };
    const gateways = [
      await gatewayWith({ environment, accounts }),
      await gatewayWith({ environment, accounts }),
    ];
    const token = accounts.token({ sub: 'TMany', profile, role: 'SUPER_ADMIN' });
    const { limit } = PROFILE_LIMITS[profile].requests;
    const total = limit + 60;
    const pick = (index: number) =>
      gateways[
        pattern === 'one gateway after the other' ? Math.floor((2 * index) / total) : index % 2
      ] as Gateway;
    const statuses: number[] = [];
    const lanes = pattern === 'in turns' ? 1 : 8;
    let next = 0;
    const lane = async () => {
      while (next < total) {
        const response = await pick(next++).fetch('/api/v1/auth/me', { token });
        await response.arrayBuffer();
        statuses.push(response.status);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(statuses.filter((status) => status === 200)).toHaveLength(limit);
    expect(statuses.filter((status) => status === 429)).toHaveLength(60);
    for (const stop of stops.splice(0)) await stop();
    await redis.stop();
  });
});
