import { spawnSync } from 'node:child_process';
import { createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createDegradingRateLimits,
  createMemoryRateLimits,
  type LimitsState,
  PROFILE_LIMITS,
  RATE_RULES,
  type RateLimits,
  type RateRule,
} from '@lucid/rate-limit';
import { describeRateLimits } from '@lucid/rate-limit/conformance';
import { Redis } from 'ioredis';
import { startRedis, whyNoRedis } from '../../../tools/test-servers.mjs';
import { connect, createRedisRateLimits as createOver } from '../src/index.ts';
import { createRateLimitsOf as createOfScripts } from '../src/redis-rate-limits.ts';
import { createScripts, type Scripts } from '../src/scripts.ts';

type Server = Awaited<ReturnType<typeof startRedis>>;
const why = whyNoRedis();
const unavailable = { code: 'limits_unavailable' };
/** Wide: the machine of a test may be busy. */
const PATIENT_MS = 20_000;

interface Options {
  readonly url: string;
  readonly prefix?: string;
  readonly timeoutMs: number;
}

const createRateLimitsOf = (scripts: Scripts, { url, ...options }: Options) =>
  createOfScripts(scripts, { ...options, redis: connect({ url, timeoutMs: options.timeoutMs }) });
const createRedisRateLimits = ({ url, ...options }: Options) =>
  createOver({ ...options, redis: connect({ url, timeoutMs: options.timeoutMs }) });

async function passing(limits: readonly RateLimits[], rule: RateRule, requests: number): Promise<number> {
  const asked = Array.from({ length: requests }, (_, index) =>
    limits[index % limits.length]!.take(rule, 'k'),
  );
  return (await Promise.all(asked)).filter(({ allowed }) => allowed).length;
}

/** Listens on loopback and passes bytes on, but not while it is told to hold them. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(port, '127.0.0.1');
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from.on('error', () => undefined));
      from.on('data', (data) => void to.write(data)).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    url: `redis://127.0.0.1:${address.port}/`,
    hold: (value: boolean) => {
      for (const socket of sockets) value ? socket.pause() : socket.resume();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (why && process.env.CI) throw new Error(`Redis is needed here: ${why}`);
if (why) {
  test.skip(`Redis rate limits (skipped: ${why})`, () => undefined);
} else {
  let server: Server;
  let redis: Redis;
  let prefixes = 0;
  const optionsFor = (url: string) => ({ url, prefix: `test${prefixes}:`, timeoutMs: PATIENT_MS });
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    await redis.quit();
    await server.stop();
  });
  beforeEach(() => {
    prefixes += 1;
  });

  describeRateLimits(
    'Redis',
    {
      async open() {
        prefixes += 1;
        const options = optionsFor(server.url);
        const clock = `${options.prefix}now`;
        const scripts = createScripts(`local now = tonumber(redis.call('GET', '${clock}'))`);
        await redis.set(clock, 1_700_000_000_000_001);
        return {
          limits: createRateLimitsOf(scripts, options),
          openAgain: async () => createRateLimitsOf(scripts, options),
          elapse: async (ms) => void (await redis.incrby(clock, Math.round(ms * 1000))),
          setBack: async (ms) => void (await redis.decrby(clock, ms * 1000)),
        };
      },
    },
    { runs: 60 },
  );

  test.each(Object.values(PROFILE_LIMITS).map(({ requests }) => requests))(
    "by the server's clock, of many more through two clients exactly $limit of $name pass",
    async (rule) => {
      const both = [
        createRedisRateLimits(optionsFor(server.url)),
        createRedisRateLimits(optionsFor(server.url)),
      ];
      // A day, so that no speed of the machine makes a second window.
      expect(await passing(both, { ...rule, windowMs: 86_400_000 }, rule.limit + 500)).toBe(rule.limit);
      for (const limits of both) await limits.close();
    },
  );

  test("by the server's clock, windows and leases end, and their keys vanish", async () => {
    const limits = createRedisRateLimits(optionsFor(server.url));
    const rule: RateRule = { name: 'short', limit: 1, windowMs: 200 };
    const lease = { name: 'short', limit: 1, leaseMs: 200 };
    await limits.take(rule, 'k');
    await limits.hold(lease, 'k', 'a');
    // Lifetimes run by the server's own clock.
    await wait(201);
    expect(await limits.take(rule, 'k')).toMatchObject({ allowed: true });
    expect(await limits.hold(lease, 'k', 'b')).toMatchObject({ held: true });
    const keys = (await redis.keys(`test${prefixes}:*`)).sort();
    expect(keys).toEqual([
      `test${prefixes}:rate_limit:{short:k}:leases`,
      `test${prefixes}:rate_limit:{short:k}:log`,
    ]);
    for (const key of keys) {
      expect(await redis.pttl(key)).toBeGreaterThan(0);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(1200);
    }
    await limits.close();
  });

  test('a full window of an admin costs 12 kB at most', async () => {
    const limits = createRedisRateLimits(optionsFor(server.url));
    await passing([limits], RATE_RULES.admin, 1500);
    const key = `test${prefixes}:rate_limit:{admin:k}:log`;
    expect(await redis.llen(key)).toBe(1000);
    expect(await redis.memory('USAGE', key, 'SAMPLES', 0)).toBeLessThan(12_000);
    await limits.close();
  });

  test('a process that stood still beyond the deadline takes what had arrived', async () => {
    const timeoutMs = 100;
    const limits = createRedisRateLimits({ ...optionsFor(server.url), timeoutMs });
    const rule: RateRule = { name: 'still', limit: 5, windowMs: 86_400_000 };
    while ((await limits.take(rule, 'warm').catch(() => null)) === null);
    const asked = limits.take(rule, 'k');
    // Nothing of this process goes on while another sees that Redis has done it, and the deadline is over.
    const seen = spawnSync(process.execPath, [
      '-e',
      `const socket = require('node:net').connect(${Number(new URL(server.url).port)}, '127.0.0.1');
      const ask = () => socket.write('LLEN test${prefixes}:rate_limit:{still:k}:log\\r\\n');
      const since = Date.now();
      socket.on('connect', ask).on('data', (data) => {
        if (String(data) !== ':1\\r\\n' || Date.now() < since + ${2 * timeoutMs}) return setTimeout(ask, 5);
        socket.end();
      });`,
    ]);
    expect(String(seen.stderr)).toBe('');
    expect(await asked).toMatchObject({ allowed: true });
    await limits.close();
  });

  test('scripts that the server has forgotten are sent again', async () => {
    const limits = createRedisRateLimits(optionsFor(server.url));
    const rule: RateRule = { name: 'two', limit: 2, windowMs: 86_400_000 };
    expect((await limits.take(rule, 'k')).remaining).toBe(1);
    await redis.script('FLUSH');
    expect((await limits.take(rule, 'k')).remaining).toBe(0);
    expect((await limits.take(rule, 'k')).allowed).toBe(false);
    await limits.close();
  });

  test('a server that hangs keeps nobody longer than the deadline, and is used again when it answers', async () => {
    const proxy = await startProxy(server.port);
    const limits = createRedisRateLimits({ ...optionsFor(proxy.url), timeoutMs: 500 });
    expect((await limits.take(RATE_RULES.user, 'k')).allowed).toBe(true);
    proxy.hold(true);
    await expect(limits.take(RATE_RULES.user, 'k')).rejects.toMatchObject(unavailable);
    await expect(limits.hold(PROFILE_LIMITS.user.connections, 'k', 'a')).rejects.toMatchObject(unavailable);
    expect(await limits.check()).toMatchObject({ ok: false, why: 'Redis did not answer' });
    proxy.hold(false);
    const late = createDegradingRateLimits({
      shared: limits,
      local: createMemoryRateLimits({ nowMs: () => 0 }),
    });
    expect((await late.take(RATE_RULES.user, 'k')).allowed).toBe(true);
    expect(late.state()).toBe('shared');
    await late.close();
    await proxy.stop();
  });

  test('Redis goes away and comes back: limits per process meanwhile, then shared again by themselves', async () => {
    const first = await startRedis();
    const changes: LimitsState[] = [];
    let told: () => void = () => undefined;
    const limits = createDegradingRateLimits({
      shared: createRedisRateLimits({ url: first.url, timeoutMs: 2000 }),
      local: createMemoryRateLimits({ nowMs: () => 0 }),
      probeEveryMs: 20,
      onChange: (state) => {
        changes.push(state);
        told();
      },
    });
    expect((await limits.take(RATE_RULES.refresh, 'k')).remaining).toBe(29);
    await first.stop();
    expect((await limits.take(RATE_RULES.refresh, 'k')).remaining).toBe(28);
    expect(await limits.check()).toMatchObject({ ok: false, why: 'limits are counted per process' });
    const back = new Promise<void>((resolve) => {
      told = resolve;
    });
    const second = await startRedis({ port: first.port });
    await back;
    expect(changes).toEqual(['local', 'shared']);
    expect((await limits.take(RATE_RULES.refresh, 'k')).remaining).toBe(29);
    expect(await limits.check()).toMatchObject({ ok: true });
    await limits.close();
    await second.stop();
  });

  test('closing while the server is away ends at once', async () => {
    const gone = await startRedis();
    const limits = createRedisRateLimits({ url: gone.url, timeoutMs: 1000 });
    await limits.take(RATE_RULES.user, 'k');
    await gone.stop();
    await limits.close();
    await expect(limits.take(RATE_RULES.user, 'k')).rejects.toMatchObject(unavailable);
  });
}
