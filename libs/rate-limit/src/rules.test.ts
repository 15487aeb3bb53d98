import { toRateLimitHeaders } from './headers.ts';
import { LEASE_RULES, PROFILE_LIMITS, RATE_RULES } from './rules.ts';

test('the numbers of the profiles, and of what comes before a login', () => {
  const perMinute = Object.values(RATE_RULES)
    .filter(({ windowMs }) => windowMs === 60_000)
    .map(({ name, limit }) => [name, limit]);
  expect(Object.fromEntries(perMinute)).toEqual({
    ...{ admin: 1000, user: 500, node: 800, public: 100, login: 10, register: 5, refresh: 30 },
    ...{ session_create: 10, session_status: 100, chunk_operations: 1000, bulk_operations: 5 },
    chain_query: 500,
  });
  expect(RATE_RULES.login.block).toEqual({ durationMs: 300_000, from: 'refusal' });
  expect(RATE_RULES.register.block).toEqual({ durationMs: 600_000, from: 'refusal' });
  expect(RATE_RULES.lockout).toMatchObject({ limit: 5, block: { durationMs: 900_000, from: 'last_place' } });
  const connections = Object.entries(PROFILE_LIMITS).map(([name, each]) => [name, each.connections.limit]);
  expect(Object.fromEntries(connections)).toEqual({ admin: 100, user: 50, node: 75 });
  expect(PROFILE_LIMITS.user.sessions.limit).toBe(1);
});

test('each rule stands under its own name', () => {
  for (const [name, rule] of Object.entries({ ...RATE_RULES, ...LEASE_RULES })) expect(rule.name).toBe(name);
});

test('headers: seconds, rounded up; Retry-After only on a refusal', () => {
  const decision = { rule: 'user', limit: 500, windowMs: 60_000, resetMs: 59_001, blocked: false };
  expect(toRateLimitHeaders({ ...decision, allowed: true, remaining: 499, retryAfterMs: 0 })).toEqual({
    ratelimit: '"user";r=499;t=60',
    'ratelimit-policy': '"user";q=500;w=60',
  });
  expect(toRateLimitHeaders({ ...decision, allowed: false, remaining: 0, retryAfterMs: 1 })).toEqual({
    ratelimit: '"user";r=0;t=60',
    'ratelimit-policy': '"user";q=500;w=60',
    'retry-after': '1',
  });
});
