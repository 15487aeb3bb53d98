import { connect } from 'node:net';
import { openapiGatewayContract } from '@lucid/contracts';
import { openapiServer } from '@lucid/openapi-server';
import { createManualClock, createTestAccounts, startTestStack } from '@lucid/service-kit/testing';
import { AnswerCache } from '../src/domain/answer-cache.ts';
import { senderOf } from '../src/domain/front.ts';
import { openapiGateway } from '../src/index.ts';

const codeOf = async (answer: Response): Promise<string> =>
  String(((await answer.json()) as { type?: string }).type).replace('urn:lucid:problem:', '');

async function startGateway(environment: Record<string, string> = {}) {
  const accounts = createTestAccounts();
  const stack = await startTestStack({
    definitions: [openapiServer, openapiGateway],
    accounts: accounts.accounts,
    environment: { OPENAPI_ASK_SERVICES: 'false', ...environment },
  });
  const origin = stack.targetOf('openapi-gateway')?.origin ?? '';
  const server = stack.targetOf('openapi-server')?.origin ?? '';
  const headers = { authorization: `Bearer ${accounts.token()}` };
  return {
    stack,
    accounts,
    origin,
    server,
    headers,
    get: (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, { headers, ...init }),
  };
}

/** Sends text as it is; the first line of what is answered. */
const raw = (origin: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString('latin1');
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });

let gateway: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stack.close());

test('what the server answers, with the same bytes, ETag and headers', async () => {
  for (const path of ['/openapi', '/openapi/lucid.json', '/openapi/lucid.yaml', '/docs', '/docs/page.js']) {
    const front = await gateway.get(path);
    const own = await fetch(`${gateway.server}/api/v1${path}`, { headers: gateway.headers });
    expect([path, front.status]).toEqual([path, 200]);
    const [given, original] = [await front.arrayBuffer(), await own.arrayBuffer()].map((each) =>
      Buffer.from(each),
    );
    expect(original && given?.equals(original)).toBe(true);
    for (const name of ['etag', 'content-type', 'cache-control', 'content-security-policy', 'vary'])
      expect([name, front.headers.get(name)]).toEqual([name, own.headers.get(name)]);
    const tag = front.headers.get('etag') ?? '';
    const again = await gateway.get(path, { headers: { ...gateway.headers, 'if-none-match': tag } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    const head = await gateway.get(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), (await head.arrayBuffer()).byteLength]).toEqual([
      200,
      tag,
      0,
    ]);
  }
});

test('the page at the root, the merged document where programs look first', async () => {
  const page = await gateway.get('/', { headers: {} });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const merged = (await (await gateway.get('/openapi.json')).json()) as { info: { title: string } };
  expect(merged.info.title).toBe('Lucid');
});

test('without a valid token, or with one that may not, only the page and its files', async () => {
  const proof = { authorization: `Bearer ${gateway.accounts.token({ scope: 'proof' })}` };
  // Asked for with a valid one before: nothing that is kept is given to who may not read it.
  for (const path of ['/openapi', '/openapi.json', '/openapi/lucid.json', '/openapi/lucid.yaml']) {
    expect((await gateway.get(path)).status).toBe(200);
    const unsigned = await gateway.get(path, { headers: {} });
    expect([path, unsigned.status, await codeOf(unsigned)]).toEqual([path, 401, 'unauthenticated']);
    const refused = await gateway.get(path, { headers: proof });
    expect([path, refused.status, await codeOf(refused)]).toEqual([path, 403, 'forbidden']);
  }
});

test('document_unknown comes through', async () => {
  for (const path of ['/openapi/nobody.json', '/openapi/nobody.yaml']) {
    const answer = await gateway.get(path);
    expect([answer.status, await codeOf(answer)]).toEqual([404, 'document_unknown']);
  }
});

test('nothing else is there', async () => {
  const paths = [
    '/ready',
    '/metrics',
    '/api/v1/openapi',
    '/openapi/',
    '/docs/',
    '/openapi/lucid',
    '/x',
    '/?a=b',
    '/docs/page.js?x',
    '/docs/%70age.js',
    '/openapi/Lucid.json',
  ];
  for (const path of paths) {
    const answer = await gateway.get(path);
    expect([path, answer.status, await codeOf(answer)]).toEqual([path, 404, 'not_found']);
  }
  expect((await gateway.get('/health')).status).toBe(200);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const answer = await gateway.get('/openapi/lucid.json', { method });
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD']);
  }
});

test.each([
  ['GET /docs/../openapi.json HTTP/1.1', 404],
  ['GET //docs HTTP/1.1', 404],
  ['GET http://elsewhere/docs HTTP/1.1', 404],
  ['GET /docs/..%2fpage.js HTTP/1.1', 404],
  ['GET /docs/..\\page.js HTTP/1.1', 404],
  ['GET \\docs HTTP/1.1', 400],
  ['GET /docs#x HTTP/1.1', 404],
  ['GET /docs;x HTTP/1.1', 404],
  ['GET /docs/../../../../etc/passwd HTTP/1.1', 404],
  ['TRACE /docs HTTP/1.1', 405],
  ['CONNECT elsewhere:80 HTTP/1.1', 405],
  ['GET /docs HTTP/9.9', 400],
])('%s: %i', async (line, status) => {
  const answer = await raw(gateway.origin, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toContain(` ${status} `);
});

test('an upgrade is refused', async () => {
  const text = 'GET /docs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  expect(await raw(gateway.origin, text)).toContain(' 400 ');
});

test('too_many_requests: of one address, right to the request, and of one account', async () => {
  const strict = await startGateway({ OPENAPI_REQUESTS_PER_MINUTE: '5' });
  try {
    for (let index = 0; index < 5; index += 1) {
      const answer = await strict.get('/docs');
      expect([answer.status, answer.headers.get('ratelimit')?.split(';')[1]]).toEqual([
        200,
        `r=${4 - index}`,
      ]);
    }
    const refused = await strict.get('/docs');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    await strict.stack.close();
  }
  const wide = await startGateway();
  try {
    for (let index = 0; index < 100; index += 1) expect((await wide.get('/openapi')).status).toBe(200);
    const refused = await wide.get('/openapi');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = { authorization: `Bearer ${wide.accounts.token({ sub: 'TOther' })}` };
    expect((await wide.get('/openapi', { headers: other })).status).toBe(200);
  } finally {
    await wide.stack.close();
  }
});

test('unavailable: the server is away, and nothing was kept of it', async () => {
  const accounts = createTestAccounts();
  const stack = await startTestStack({
    definitions: [openapiGateway],
    accounts: accounts.accounts,
    clientOptions: { retry: false },
  });
  try {
    const { origin = '' } = stack.targetOf('openapi-gateway') ?? {};
    const headers = { authorization: `Bearer ${accounts.token()}` };
    for (const path of ['/docs', '/openapi', '/openapi/lucid.json']) {
      const answer = await fetch(origin + path, { headers });
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 503, 'unavailable']);
    }
  } finally {
    await stack.close();
  }
});

describe('kept answers', () => {
  const outage = new Error('away');
  const start = () => {
    const clock = createManualClock();
    const cache = new AnswerCache({
      freshMs: 10,
      staleMs: 100,
      mostKept: 2,
      clock,
      isOutage: (error) => error === outage,
    });
    return { clock, cache };
  };
  const failing = (error: Error) => async () => {
    throw error;
  };

  test('sent again while fresh; asked for after that; sent for longer only in an outage', async () => {
    const { clock, cache } = start();
    expect(await cache.get('a', async () => 1)).toBe(1);
    await clock.advance(9);
    expect(await cache.get('a', failing(new Error('not asked')))).toBe(1);
    await clock.advance(1);
    expect(await cache.get('a', failing(outage))).toBe(1);
    await expect(cache.get('a', failing(new Error('refused')))).rejects.toThrow('refused');
    await clock.advance(90);
    await expect(cache.get('a', failing(outage))).rejects.toThrow('away');
    expect(await cache.get('a', async () => 2)).toBe(2);
  });

  test('no more than so many; the one asked for longest ago goes', async () => {
    const { cache } = start();
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => key);
    expect(await cache.get('a', async () => 'new')).toBe('new');
    expect(await cache.get('c', async () => 'new')).toBe('c');
  });
});

test('one sender: an IPv4 address, or a /64 of IPv6', () => {
  const of = (remoteAddress: string) => senderOf({ socket: { remoteAddress } } as never);
  expect(of('::ffff:10.0.0.1')).toBe(of('10.0.0.1'));
  expect(of('10.0.0.1')).not.toBe(of('10.0.0.2'));
  expect(of('2001:db8::1')).toBe(of('2001:DB8:0:0:ffff::2'));
  expect(of('2001:db8:0:1::1')).not.toBe(of('2001:db8::1'));
  expect(of('fe80::1%eth0')).toBe(of('fe80::2'));
  expect(of('::1')).toBe(of('::2'));
});

test('only reading: every operation is a GET with an ETag, open only where it is a file', () => {
  for (const [name, spec] of Object.entries(openapiGatewayContract.operations)) {
    const open = /^get(Docs|Swagger|FrontPage)/.test(name);
    expect([name, spec.method, spec.etag, spec.callers]).toEqual([
      name,
      'GET',
      true,
      [open ? 'public' : 'account'],
    ]);
  }
});
