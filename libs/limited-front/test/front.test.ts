import { expect, test } from '@jest/globals';
import { createMemoryRateLimits } from '@lucid/rate-limit';
import type { FrontHost } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import { createLimitedFront, senderOf } from '../src/index.ts';

const all = { name: 'all', limit: 3, windowMs: 60_000 };
const writes = { name: 'writes', limit: 1, windowMs: 60_000 };

/** Statuses of answers; 200 where a request came through to the routes. */
function open() {
  const clock = createManualClock();
  const limits = createMemoryRateLimits({ nowMs: clock.nowMs });
  const finished: string[] = [];
  const host = {
    routes: (_request: unknown, response: { end: (text: string) => void; statusCode: number }) => {
      response.statusCode = 200;
      response.end('');
    },
    started: () => {},
    finished: ({ failure }: { failure: { code: string } }) => finished.push(failure.code),
  } as unknown as FrontHost;
  const front = createLimitedFront(
    { limits, maxConnections: 5, rulesOf: ({ method }) => (method === 'GET' ? [all] : [all, writes]) },
    host,
  );
  const ask = (method: string, remoteAddress = '10.0.0.1', url = '/api/v1/x') =>
    new Promise<{ status: number; headers: Record<string, string> }>((resolve) => {
      const headers: Record<string, string> = {};
      const response = {
        statusCode: 0,
        setHeader: (name: string, value: string) => {
          headers[name.toLowerCase()] = value;
        },
        end: () => resolve({ status: response.statusCode, headers }),
      };
      front.request({ method, url, headers: {}, socket: { remoteAddress } } as never, response as never);
    });
  return { ask, clock, finished };
}

test('a request counts for each of its rules, and the first that refuses says so', async () => {
  const { ask, clock, finished } = open();
  expect((await ask('POST')).status).toBe(200);
  const refused = await ask('POST');
  expect(refused).toMatchObject({ status: 429, headers: { connection: 'close', 'retry-after': '60' } });
  expect((await ask('GET')).status).toBe(200);
  expect((await ask('GET')).status).toBe(429);
  expect((await ask('GET', '10.0.0.2')).status).toBe(200);
  expect(finished).toEqual(['too_many_requests', 'too_many_requests']);
  await clock.advance(60_000);
  expect((await ask('POST')).status).toBe(200);
});

test('what is not the API is not counted', async () => {
  const { ask } = open();
  for (let times = 0; times < 6; times++) expect((await ask('GET', '10.0.0.1', '/health')).status).toBe(200);
});

test('all of an IPv6 /64 is one sender', () => {
  const of = (remoteAddress?: string) => senderOf({ socket: { remoteAddress } } as never);
  expect(of('2001:db8::1')).toBe(of('2001:db8:0:0:ffff::2'));
  expect(of('2001:db8::1')).not.toBe(of('2001:db8:0:1::1'));
});
