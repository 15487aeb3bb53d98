/** Limits with two gateways and one real Redis, what happens without it, and who reaches what. */
import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';
import { PROFILES, type Profile, reaches } from '@lucid/access';
import { createMemoryRateLimits, PROFILE_LIMITS, RateLimitError, type RateLimits } from '@lucid/rate-limit';
import { silentLog } from '@lucid/service-kit';
import { createManualClock, createTestAccounts } from '@lucid/service-kit/testing';
import { startRedis, whyNoRedis } from '../../../tools/test-servers.mjs';
import { degradeFrom, openLimits } from '../src/access/limits.ts';
import {
  echo,
  type Gateway,
  open,
  startGateway,
  startUpstream,
  type Upstream,
} from './gateway-under-test.ts';

let upstream: Upstream;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  upstream = await startUpstream(echo);
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
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

const PATIENT_MS = 20_000;

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
      [1, 20, 45].flatMap((lanes) =>
        ['in turns', 'one gateway after the other'].map((pattern) => [profile, lanes, pattern] as const),
      ),
    ),
  )('exactly the limit of %s passes, %d at once, %s', async (profile, lanes, pattern) => {
    const { gateways, token } = await twoGateways(profile);
    const { limit } = PROFILE_LIMITS[profile].requests;
    const counts = { passed: 0, beyondRate: 0, withoutPlace: 0 };
    let asked = 0;
    // Together more connections than a user may have, so some find no place; what passes must not suffer from it.
    const agents = gateways.map(() => new Agent({ keepAlive: true, maxSockets: 40 }));
    const lane = async () => {
      while (counts.beyondRate < 60) {
        const second = pattern === 'in turns' ? asked++ % 2 : asked++ < limit / 2 ? 0 : 1;
        const { status, isRate } = await askOf(gateways[second] as Gateway, agents[second] as Agent, token);
        if (status === 200) counts.passed++;
        else counts[isRate ? 'beyondRate' : 'withoutPlace']++;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    for (const agent of agents) agent.destroy();
    expect(counts.passed).toBe(limit);
    if (lanes === 1) expect(counts.withoutPlace).toBe(0);
  });

  test.each(PROFILES)(
    'exactly the connections that %s may have, over both; one that ends makes room',
    async (profile) => {
      const { gateways, token } = await twoGateways(profile);
      const { limit } = PROFILE_LIMITS[profile].connections;
      const ask = `GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      const connections = await Promise.all(
        Array.from({ length: limit + 10 }, async (_, index) => {
          const socket = open((gateways[index % 2] as Gateway).port);
          socket.on('error', () => {});
          return { socket, status: await statusOn(socket, ask) };
        }),
      );
      const held = connections.filter(({ status }) => status === 200);
      expect(held).toHaveLength(limit);
      expect(connections.filter(({ status }) => status === 429)).toHaveLength(10);
      // Those that hold a place go on.
      for (const { socket } of held.slice(0, 5)) expect(await statusOn(socket, ask)).toBe(200);
      held[0]?.socket.destroy();
      const tries = gateways[1] as Gateway;
      while (statusOf(await tries.raw(asking('/api/v1/auth/me', token))) !== 200);
      for (const { socket } of connections) socket.destroy();
    },
  );

  test('Redis killed and started again: running tokens go on, sign-ins fail closed, readiness says so, all recovers', async () => {
    const redis = await startRedis();
    const gateway = await gatewayWith({ environment: { REDIS_URL: redis.url } });
    const login = async () =>
      (await gateway.fetch('/api/v1/auth/login', { method: 'POST', token: null })).status;
    const ask = async () => (await gateway.fetch('/api/v1/sessions')).status;
    const limits = async () => (await gateway.stack.ready())['api-gateway']?.dependencies.limits?.status;
    expect([await login(), await ask(), await limits()]).toEqual([200, 200, 'up']);
    await redis.stop();
    expect([await ask(), await login(), await limits()]).toEqual([200, 503, 'down']);
    // Counted here: one has passed by Redis and one since.
    const statuses: number[] = [];
    for (let each = 0; each < 510; each++) statuses.push(await ask());
    expect(statuses.filter((status) => status === 200)).toHaveLength(498);
    const again = await startRedis({ port: redis.port });
    stops.push(again.stop);
    while ((await limits()) !== 'up') await new Promise((resolve) => setImmediate(resolve));
    expect([await login(), await ask()]).toEqual([200, 200]);
  });
});

async function twoGateways(profile: Profile): Promise<{ gateways: Gateway[]; token: string }> {
  const redis = await startRedis();
  stops.push(redis.stop);
  const accounts = createTestAccounts();
  // A busy machine makes Redis late, and then each gateway counts alone, as it should: here it is waited for.
  const limits = () =>
    openLimits({ redisUrl: redis.url, log: silentLog, nowMs: Date.now, timeoutMs: PATIENT_MS });
  const gateways = [
    await gatewayWith({ accounts, adapters: { limits: limits() } }),
    await gatewayWith({ accounts, adapters: { limits: limits() } }),
  ];
  return { gateways, token: accounts.token({ sub: 'TMany', profile, role: 'SUPER_ADMIN' }) };
}

function askOf(
  { port }: Gateway,
  agent: Agent,
  token: string,
): Promise<{ status: number | undefined; isRate: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get({ host: '127.0.0.1', port, path: '/api/v1/auth/me', agent, headers }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode, isRate: 'ratelimit' in response.headers });
      });
    }).once('error', reject);
  });
}

/** Status of one answer on a connection that goes on. */
function statusOn(socket: Socket, ask: string): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    const read = (data: Buffer) => {
      text += data;
      if (!text.includes('\r\n\r\n')) return;
      socket.off('data', read);
      resolve(statusOf(text));
    };
    socket.on('data', read);
    socket.write(ask);
  });
}
