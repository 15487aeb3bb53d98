/** Two gateways on one count, on a clock of the test's own: whatever comes in whatever order, the limits hold exactly. */
import { createMemoryRateLimits, PROFILE_LIMITS } from '@lucid/rate-limit';
import { isProblem, type SignedInAccount } from '@lucid/service-kit';
import fc from 'fast-check';
import type { JudgedLines } from '../requests/incoming.ts';
import { type Admission, Admissions } from './admission.ts';
import { Places } from './places.ts';

const PEER = { address: '127.0.0.1', key: '127.0.0.1', profile: undefined };
const LEASE_MS = PROFILE_LIMITS.user.connections.leaseMs;

/** Logins of one account; the token is the login's id. */
const accountOf = (loginId: string, profile: 'admin' | 'user'): SignedInAccount => ({
  address: 'TOne',
  role: 'SUPER_ADMIN',
  profile,
  loginId,
  tokenId: loginId,
  issuedAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  token: loginId,
});

type Verdict = 'passed' | 'rate' | 'place';

function twoGateways(profile: 'admin' | 'user') {
  let atMs = 0;
  const nowMs = () => atMs;
  const limits = createMemoryRateLimits({ nowMs });
  const accounts = { verify: (token: string) => accountOf(token, profile) };
  const counted = { counted: limits, strict: limits, close: () => limits.close() };
  const gateways = [0, 1].map(() => {
    const places = new Places({ limits, nowMs });
    return { places, admissions: new Admissions({ accounts, limits: counted, places }) };
  });
  const at = (gateway: number) => gateways[gateway] as (typeof gateways)[number];
  return {
    at,
    nowMs,
    async elapse(ms: number) {
      for (const left = atMs + ms; atMs < left; ) {
        atMs = Math.min(left, atMs + LEASE_MS / 3);
        for (const { places } of gateways) await places.renew(new Set());
      }
    },
    async ask(gateway: number, connection: object, login: string): Promise<Verdict> {
      const admission: Admission = { account: undefined, headers: [], withoutPlace: false };
      const lines = { authorization: `Bearer ${login}` } as JudgedLines;
      const ask = { lines, peer: PEER, connection, service: 'session-api', publicLimit: null };
      try {
        await at(gateway).admissions.admit(ask, admission);
        return 'passed';
      } catch (error) {
        if (!isProblem(error, 'too_many_requests')) throw error;
        return admission.withoutPlace ? 'place' : 'rate';
      }
    },
  };
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({ pauseMs: fc.constantFrom(1, 9_999, 20_000, 30_001, 59_999, 60_000) }),
    },
    { weight: 2, arbitrary: fc.record({ close: fc.nat(119) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        /** At once, on any of 60 connections to each of both. */
        asks: fc.array(fc.record({ on: fc.nat(119), login: fc.constantFrom('a', 'b') }), {
          maxLength: 300,
          size: 'max',
        }),
      }),
    },
  ),
  { minLength: 1, maxLength: 30, size: 'max' },
);

const WINDOW_MS = 60_000;

test('no minute lets more through than the limit, and the rate refuses only where that many have passed', async () => {
  const { requests, connections } = PROFILE_LIMITS.user;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const two = twoGateways('user');
      const passedAt: number[] = [];
      const open = new Map<number, object>();
      const connectionOf = (index: number): object => {
        const known = open.get(index);
        if (known) return known;
        const made = {};
        open.set(index, made);
        two.at(index % 2).places.opened(made, () => {});
        return made;
      };
      for (const step of all) {
        if ('pauseMs' in step) await two.elapse(step.pauseMs);
        else if ('close' in step) {
          const connection = open.get(step.close);
          open.delete(step.close);
          if (connection) await two.at(step.close % 2).places.closed(connection);
        } else {
          const verdicts = await Promise.all(
            step.asks.map(({ on, login }) => two.ask(on % 2, connectionOf(on), login)),
          );
          for (const verdict of verdicts) if (verdict === 'passed') passedAt.push(two.nowMs());
          const inWindow = passedAt.filter((time) => time > two.nowMs() - WINDOW_MS).length;
          expect(inWindow).toBeLessThanOrEqual(requests.limit);
          if (verdicts.includes('rate')) expect(inWindow).toBe(requests.limit);
          const through = new Set(
            step.asks.filter((_, index) => verdicts[index] !== 'place').map(({ on }) => on),
          );
          expect(through.size).toBeLessThanOrEqual(connections.limit);
        }
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

test('connections and logins that find no place leave the whole rate to those that have one', async () => {
  const two = twoGateways('user');
  const connections = Array.from({ length: 80 }, (_, index) => {
    const connection = {};
    two.at(index % 2).places.opened(connection, () => {});
    return connection;
  });
  const tally = { passed: 0, rate: 0, place: 0 };
  for (let round = 0; round < 12; round++)
    for (const [index, connection] of connections.entries())
      tally[await two.ask(index % 2, connection, index === 7 ? 'b' : 'a')]++;
  expect(tally).toEqual({ passed: 500, rate: 12 * 49 - 500, place: 12 * 31 });
});
